"""A unit whose duty telephone nobody takes: those who dispatch are told, in their digest like everything else."""

from app import clock
from app.cases.models import Case
from app.db import session
from app.events.models import Event
from app.events.service import on
from app.supervision.ladder import Post
from app.supervision.posts import Posts
from app.supervision.reminders import add_reminders
from app.supervision.texts import TELEPHONE
from app.supervision.watching import place_of


@on("unit.unreached")
def remind_the_centre(event: Event) -> None:
    posts, unit_id = Posts(), int(event.payload["unit"]["id"])
    add_reminders(
        [
            {
                "case_id": case.id,
                "clock": TELEPHONE,
                "percent": 100,
                "mark": event.at,
                "recipient": recipient,
                "at_night": bool(event.payload["urgent"]),
                "created_at": clock.now(),
            }
            for case in (session().get_one(Case, int(each)) for each in event.payload["cases"])
            for recipient in posts.recipients(Post.DISPATCHER, unit_id, place_of(case))
        ]
    )
