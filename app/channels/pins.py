"""Who may speak for a unit on the telephone: whoever knows its PIN. Guessing locks the telephone."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from app import clock
from app.accounts.roles import SYSTEM, Principal
from app.channels.models import DutyLine
from app.db import session
from app.events.service import record
from app.network.models import Unit
from app.network.queries import unit as find_unit
from app.network.service import knows_pin

log = structlog.get_logger(__name__)

AUDIENCE = ("administrators", "supervisors", "dispatchers")
MOST_TRIES = 3
LOCKED_FOR = timedelta(minutes=30)


def locked_until(unit_id: int, phone_hash: str) -> datetime | None:
    line = session().get(DutyLine, (unit_id, phone_hash), populate_existing=True)
    until = line.locked_until if line else None
    return until if until is not None and until > clock.now() else None


def try_pin(unit: Unit, phone_hash: str, pin: str) -> bool:
    """Wrong ones count over all calls, else three tries a call would be as many as one has patience for."""
    line = _line(unit.id, phone_hash)
    if knows_pin(unit, pin):
        line.wrong_pins, line.locked_until = 0, None
        return True
    line.wrong_pins += 1
    if line.wrong_pins >= MOST_TRIES:
        _lock(unit, line)
    return False


def unlock(actor: Principal, unit_id: int) -> None:
    """The administrator has spoken with the unit, or has given it a new PIN."""
    lines = _lines(unit_id)
    was_locked = any(line.locked_until is not None for line in lines)
    for line in lines:
        line.wrong_pins, line.locked_until = 0, None
    if was_locked:
        _record(actor, "unit.phone_unlocked", find_unit(unit_id))


def lock_of(unit_id: int) -> datetime | None:
    """Until when one of the unit's telephones is locked."""
    locks = [line.locked_until for line in _lines(unit_id) if line.locked_until is not None]
    return max((until for until in locks if until > clock.now()), default=None)


def _lock(unit: Unit, line: DutyLine) -> None:
    line.wrong_pins, line.locked_until = 0, clock.now() + LOCKED_FOR
    until = line.locked_until.isoformat().replace("+00:00", "Z")
    _record(SYSTEM, "unit.phone_locked", unit, until=until, text="PIN 连续输错三次")
    log.warning("duty.phone_locked", unit=unit.id, minutes=LOCKED_FOR.total_seconds() / 60)


def _record(actor: Principal, kind: str, unit: Unit, **facts: str) -> None:
    payload = {"by": actor.name, "unit": {"id": unit.id, "name": unit.name}, **facts}
    record(kind, subject=("unit", unit.id), audience=AUDIENCE, payload=payload, actor_id=actor.id)


def _line(unit_id: int, phone_hash: str) -> DutyLine:
    found = session().get(DutyLine, (unit_id, phone_hash), with_for_update=True, populate_existing=True)
    if found is None:
        found = DutyLine(unit_id=unit_id, phone_hash=phone_hash, wrong_pins=0)
        session().add(found)
    return found


def _lines(unit_id: int) -> list[DutyLine]:
    return list(session().scalars(select(DutyLine).where(DutyLine.unit_id == unit_id)))
