"""Which steps of a case the citizen is told of."""

from flask import current_app

from app.cases.models import Case
from app.config import Settings
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.messages import crowd, outbox, tasks, texts, tickets

# Its handlers are registered before those below: where one telephone has two messages to come, the ticket comes.
__all__ = ["SAY", "tell_reporter", "tickets"]

SAY = {
    "case.dispatched": texts.dispatched,
    "case.rejected": texts.rejected,
    "case.closed": texts.closed,
    "case.reopened": texts.reopened,
}
# How a matter ended: nobody waits for it at night. The rest answers what the citizen has just done.
_ENDS = ("case.rejected", "case.closed", "case.forced_closed")


@on(*SAY)
def tell_reporter(event: Event) -> None:
    settings: Settings = current_app.extensions["settings"]
    case = session().get_one(Case, event.subject_id)
    if event.kind != "case.closed" or not crowd.has_been_told(case):
        _send(event, case, SAY[event.kind](case, settings))


@on("case.forced_closed")
def tell_of_decision(event: Event) -> None:
    """Of an incident's case they hear when the incident ends."""
    case = session().get_one(Case, event.subject_id)
    if case.incident_id is None:
        _send(event, case, texts.ended_by_decision(case))


def _send(event: Event, case: Case, text: str) -> None:
    message = outbox.queue(event, case, text, due_at=outbox.when_awake() if event.kind in _ENDS else None)
    if message is not None:
        after_commit(lambda: tasks.hand_over(message.id))
