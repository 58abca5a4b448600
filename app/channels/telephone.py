"""Which steps of a case ring the duty telephone of a unit that answers by telephone."""

from app.cases.models import Case
from app.cases.terms import AT_THE_UNIT
from app.channels import duties, duty_tasks
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.network.queries import telephoning_units
from app.network.queries import unit as find_unit

# A new task, one that comes back, and whatever presses.
TOLD = (
    "case.dispatched",
    "case.reassigned",
    "case.co_unit_added",
    "case.reopened",
    "case.resumed",
    "case.check_failed",
    "case.closing_overruled",
    "case.urged",
    "case.supervised",
)
_UNIT = "unit:"


@on(*TOLD)
def ring_units(event: Event) -> None:
    telephoning = telephoning_units()
    if not telephoning:
        return
    case = session().get_one(Case, event.subject_id)
    units = case.co_unit_ids if event.kind == "case.co_unit_added" else (case.unit_id, *(case.co_unit_ids or ()))
    for unit_id in [each for each in units if each in telephoning]:
        _ring(case, unit_id)


@on("reminder.digest")
def ring_about_reminders(event: Event) -> None:
    """短信提醒 for a unit that reads no messages: it is rung up, and hears each case again."""
    kind, _, number = str(event.payload["recipient"]).partition(":")
    if f"{kind}:" != _UNIT or int(number) not in telephoning_units():
        return
    for reminded in event.payload["cases"]:
        _ring(session().get_one(Case, int(reminded["id"])), int(number))


def _ring(case: Case, unit_id: int) -> None:
    if case.state not in AT_THE_UNIT or case.id not in duties.at_work(unit_id, [case]):
        return
    call_id = duties.tell(case, find_unit(unit_id))
    if call_id is not None:
        after_commit(lambda: duty_tasks.hand_over(call_id))
