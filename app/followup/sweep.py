"""What comes due by itself: promises that were missed, and call-backs that an agent took up and left."""

from sqlalchemy import select

from app import clock
from app.accounts.roles import SYSTEM
from app.cases.models import Case
from app.db import session
from app.followup import promises
from app.followup.models import CallBack, Kind, Reason, Task
from app.followup.rows import add, tell
from app.followup.times import APOLOGY, CLAIM_LASTS, calling_time

BITE = 200


def call_back_for_missed_promises() -> int:
    """One call-back for each promise missed, also by a sweep that slept for a day. Returns how many."""
    now = clock.now()
    first = calling_time(now)
    found = promises.missed(now, BITE)
    add(
        [
            (
                CallBack(
                    case_id=case.id,
                    kind=Kind.PROMISE,
                    round=nth,
                    reason=Reason.MISSED,
                    created_at=now,
                    next_at=first,
                    due_at=first + APOLOGY,
                ),
                case,
            )
            for case, nth in found
        ]
    )
    return len(found)


def free_forgotten() -> None:
    """An agent who went home without a result must not keep a citizen waiting."""
    query = select(CallBack).where(CallBack.state == Task.CLAIMED, CallBack.claimed_at < clock.now() - CLAIM_LASTS)
    for task in session().scalars(query.limit(BITE).with_for_update(skip_locked=True)):
        task.state, task.claimed_by, task.claimed_at = Task.OPEN, None, None
        tell(task, session().get_one(Case, task.case_id), SYSTEM)
