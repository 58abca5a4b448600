"""Which events leave for a unit's own system."""

from functools import lru_cache

from sqlalchemy import select

from app.channels import hooks, tasks
from app.channels.models import UnitHook
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.network.queries import routing_stamp

# What a unit must know of its cases; what it did itself comes too, so that both books agree.
TOLD = (
    "case.dispatched",
    "case.reassigned",
    "case.co_unit_added",
    "case.accepted",
    "case.handed_to_crew",
    "case.fed_back",
    "case.co_fed_back",
    "case.returned",
    "case.check_failed",
    "case.closing_overruled",
    "case.closed",
    "case.forced_closed",
    "case.reopened",
    "case.voided",
    "case.urged",
    "case.edited",
    "case.supervised",
    "case.extension_granted",
    "case.extension_refused",
    "case.suspended",
    "case.suspension_refused",
    "case.resumed",
)
_ROOM = "unit:"


@on(*TOLD)
def tell_units(event: Event) -> None:
    listening = _hooks(routing_stamp())
    if not listening:
        return
    units = [int(room.removeprefix(_ROOM)) for room in event.audience if room.startswith(_ROOM)]
    for delivery_id in hooks.note(event, [listening[each] for each in units if each in listening]):
        after_commit(lambda delivery_id=delivery_id: tasks.hand_over(delivery_id))  # type: ignore[misc]


@lru_cache(maxsize=2)
def _hooks(_stamp: str) -> dict[int, int]:
    """Hook by unit; the stamp changes with every hook, so that filing a case asks the database nothing."""
    rows = session().execute(select(UnitHook.unit_id, UnitHook.id).where(UnitHook.is_active))
    return {row.unit_id: row.id for row in rows}
