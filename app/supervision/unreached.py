"""A unit that does not hear of its case, or wants to be rung: those who dispatch are told, in their digest."""

from app import clock
from app.cases.models import Case
from app.cases.pressing import is_urgent
from app.db import session
from app.events.models import Event
from app.events.service import on
from app.supervision.ladder import Post
from app.supervision.posts import Posts
from app.supervision.reminders import add_reminders
from app.supervision.watching import place_of


@on("unit.unreached", "unit.asked_back")
def remind_the_centre(event: Event) -> None:
    posts, unit_id = Posts(), int(event.payload["unit"]["id"])
    add_reminders(
        [
            {
                "case_id": case.id,
                "clock": event.payload["contact"],
                "percent": 100,
                "mark": event.at,
                "recipient": recipient,
                "at_night": is_urgent(case),
                "created_at": clock.now(),
            }
            for case in (session().get_one(Case, int(each)) for each in event.payload["cases"])
            for recipient in posts.recipients(Post.DISPATCHER, unit_id, place_of(case))
        ]
    )
