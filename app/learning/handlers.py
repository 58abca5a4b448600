"""What is learnt from cases as they are opened, filed and changed, inside the recording transaction."""

from app.cases.models import Case
from app.cases.workflow import State
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.learning import autofiling, outcomes, queries, tasks

CHANGING = (
    "case.filed",
    "case.edited",
    "case.returned",
    "case.reassigned",
    "case.dispatched",
    "case.reopened",
    "case.voided",
    "case.rejected",
)


@on(*CHANGING)
def keep_outcome(event: Event) -> None:
    outcomes.keep(event)


@on("case.opened")
def consider_draft(event: Event) -> None:
    """By default no class is allowed, and a message costs one small question to the database."""
    case = session().get_one(Case, event.subject_id)
    if case.source != "sms" or case.state != State.REPORTED or not queries.allowed_classes():
        return
    if autofiling.may_be_filed(case) is not None:
        after_commit(lambda: tasks.hand_over_draft(case.id))
