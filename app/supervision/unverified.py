"""核实 beside the work, as of an urgent safety class: the lamp is the unit's, the inspector is late all the same."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import load_only

from app.cases.models import Case
from app.cases.terms import State, Verification
from app.db import session
from app.supervision.ladder import Post
from app.supervision.lamps import StageClock
from app.supervision.models import Reminder
from app.supervision.posts import Posts
from app.supervision.reminders import add_reminders
from app.supervision.watching import place_of

# Where an inspector can answer while the case moves on; before the filing the case's own lamp shows it.
BESIDE = (State.FILED, State.DISPATCHED, State.HANDLING)
MOST_LATE = 200
_WHERE = load_only(Case.verify_due_at, Case.community_code, Case.street_code, Case.district_code)


def remind_of_unverified(now: datetime) -> None:
    """Nobody has looked within the half hour: those who should are told once."""
    told = select(Reminder.id).where(
        Reminder.case_id == Case.id,
        Reminder.clock == StageClock.VERIFY.value,
        Reminder.mark == Case.verify_due_at,
    )
    query = select(Case).where(Case.verification == Verification.ASKED, Case.verify_due_at <= now)
    query = query.where(Case.state.in_(BESIDE), ~told.exists()).order_by(Case.verify_due_at).limit(MOST_LATE)
    late = session().scalars(query.options(_WHERE)).all()
    posts = Posts() if late else None
    add_reminders(
        [
            {
                "case_id": case.id,
                "clock": StageClock.VERIFY.value,
                "percent": 100,
                "mark": case.verify_due_at,
                "recipient": name,
                "at_night": False,
                "created_at": now,
            }
            for case in late
            for name in (posts.recipients(Post.INSPECTOR, None, place_of(case)) if posts else ())
        ]
    )
