"""What a unit that answers by telephone is to be told, and the one open call in which its telephone hears it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.accounts.roles import Principal, Role
from app.cases.models import Case, CaseUnit
from app.cases.pressing import is_urgent
from app.cases.terms import AT_THE_UNIT, UnitRole, UnitState
from app.catalogue.queries import calendar
from app.channels.models import DutyCall, DutyState, DutyTask, TaskState
from app.clock import QuietHours
from app.config import Settings
from app.db import session
from app.network.models import Unit
from app.network.queries import duty_phone
from app.privacy import fingerprint
from telephony.numbers import normalise

OPEN_STATES = (DutyState.WAITING, DutyState.PLACING, DutyState.RINGING, DutyState.TALKING)
_TICK = timedelta(microseconds=1)


def hand_of(unit: Unit) -> Principal:
    """The unit itself, whoever of it holds the receiver."""
    return Principal(id=None, name=f"{unit.name}（电话）", roles=frozenset({Role.HANDLER}), unit_id=unit.id)


def tell(case: Case, unit: Unit) -> int | None:
    """Let the unit be told of the case; the id of the call that will do it, if there is a number to ring.

    A call that is open already takes the case along: a busy minute rings once.
    """
    due = rings_at(is_urgent(case))
    phone = phone_of(unit, case, due)
    if phone is None:
        return None
    task = {
        "unit_id": unit.id,
        "case_id": case.id,
        "phone": phone,
        "phone_hash": fingerprint(phone),
        "urgent": is_urgent(case),
        "state": TaskState.WAITING,
        "since": clock.now(),
    }
    names = ("phone", "phone_hash", "urgent", "state", "since")
    statement = _insert(DutyTask).values(**task)
    known = {name: getattr(statement.excluded, name) for name in names}
    session().execute(statement.on_conflict_do_update(index_elements=["unit_id", "case_id"], set_=known))
    return open_call(unit.id, phone, due, is_urgent=is_urgent(case))


def open_call(unit_id: int, phone: str, due: datetime, *, is_urgent: bool) -> int | None:
    """The telephone's open call, made if there is none. What is urgent does not wait for the morning with it."""
    mine = of_telephone(unit_id, fingerprint(phone)) & DutyCall.state.in_(OPEN_STATES)
    # Asking first waits for nobody: an insert would wait for a talk that is just pressing keys about this very case.
    known = session().scalars(select(DutyCall.id).where(mine)).first()
    if known is None:
        _insert_call(unit_id, phone, due, is_urgent=is_urgent)
    elif is_urgent:
        held = (DutyCall.id == known) & (DutyCall.state == DutyState.WAITING) & ~DutyCall.urgent
        change = update(DutyCall).where(held).values(urgent=True, due_at=due)
        session().execute(change.execution_options(synchronize_session=False))
    # None if it has ended this very moment: the sweep finds the task without a call.
    return session().scalars(select(DutyCall.id).where(mine)).first()


def _insert_call(unit_id: int, phone: str, due: datetime, *, is_urgent: bool) -> None:
    """Of two dispatches at once one makes the call."""
    facts = {
        "unit_id": unit_id,
        "phone": phone,
        "phone_hash": fingerprint(phone),
        "urgent": is_urgent,
        "incoming": False,
        "state": DutyState.WAITING,
        "attempt": 0,
        "due_at": due,
        "rank": -1,
        "outcome": "",
        "step": 0,
        "created_at": clock.now(),
    }
    session().execute(_insert(DutyCall).values(**facts).on_conflict_do_nothing())


def of_telephone(unit_id: int, phone_hash: str) -> ColumnElement[bool]:
    return (DutyCall.unit_id == unit_id) & (DutyCall.phone_hash == phone_hash)


def phone_of(unit: Unit, case: Case, at: datetime) -> str | None:
    """The rule's number before the unit's; outside working time that for the night, if there is one."""
    rule_id = (case.routing or {}).get("rule_id") if case.unit_id == unit.id else None
    number = duty_phone(unit.id, rule_id)
    if number == unit.duty_phone and unit.night_phone and not _is_working(case, at):
        number = unit.night_phone
    return normalise(number) if number else None


def rings_at(is_urgent: bool) -> datetime:
    """At once, or, for what is not urgent, when the quiet hours are over."""
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    return now if is_urgent else QuietHours(settings.quiet_from, settings.quiet_until).end_after(now)


def waiting_cases(unit_id: int, phone_hash: str) -> list[Case]:
    """What this telephone is still to be told, the urgent and soonest due first. What has left the unit is settled."""
    tasks = session().scalars(select(DutyTask).where(_waiting(unit_id, phone_hash))).all()
    if not tasks:
        return []
    found = {case.id: case for case in _cases(task.case_id for task in tasks)}
    theirs = at_work(unit_id, found.values())
    for task in tasks:
        if task.case_id not in theirs:
            task.state = TaskState.SETTLED
    return in_order(case for case in found.values() if case.id in theirs)


def cases_at_work(unit_id: int, limit: int = 50) -> list[Case]:
    """Everything the unit has at hand, for whoever rings up to report."""
    part = select(CaseUnit.case_id).where(CaseUnit.unit_id == unit_id, *_open_part())
    mine = (Case.unit_id == unit_id) | Case.id.in_(part)
    query = select(Case).where(mine, Case.state.in_(AT_THE_UNIT)).order_by(Case.due_at, Case.id).limit(limit)
    return in_order(session().scalars(query))


def at_work(unit_id: int, cases: Iterable[Case]) -> set[int]:
    """Those that wait for this unit: as the main unit, or for its part."""
    open_cases = [case for case in cases if case.state in AT_THE_UNIT]
    helped = [case.id for case in open_cases if unit_id in (case.co_unit_ids or ())]
    parts = select(CaseUnit.case_id).where(CaseUnit.case_id.in_(helped), CaseUnit.unit_id == unit_id, *_open_part())
    mine = set(session().scalars(parts)) if helped else set()
    return mine | {case.id for case in open_cases if case.unit_id == unit_id}


def mark(unit_id: int, case_ids: Sequence[int], state: TaskState) -> None:
    mine = (DutyTask.unit_id == unit_id) & DutyTask.case_id.in_(case_ids) & (DutyTask.state == TaskState.WAITING)
    session().execute(update(DutyTask).where(mine).values(state=state))


def forgotten(limit: int = 100) -> Sequence[DutyTask]:
    """Waiting tasks whose telephone has no open call: one that came in while the last call was ending."""
    calls = select(DutyCall.id).where(
        DutyCall.unit_id == DutyTask.unit_id,
        DutyCall.phone_hash == DutyTask.phone_hash,
        DutyCall.state.in_(OPEN_STATES),
    )
    query = select(DutyTask).where(DutyTask.state == TaskState.WAITING, ~calls.exists()).order_by(DutyTask.id)
    return session().scalars(query.limit(limit)).all()


def calls_of(unit_id: int, limit: int = 30) -> Sequence[DutyCall]:
    """For the administration, newest first."""
    query = select(DutyCall).where(DutyCall.unit_id == unit_id).order_by(DutyCall.id.desc()).limit(limit)
    return session().scalars(query).all()


def in_order(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: (not is_urgent(case), case.due_at or case.opened_at, case.id))


def _waiting(unit_id: int, phone_hash: str) -> ColumnElement[bool]:
    mine = (DutyTask.unit_id == unit_id) & (DutyTask.phone_hash == phone_hash)
    return mine & (DutyTask.state == TaskState.WAITING)


def _cases(case_ids: Iterable[int]) -> Sequence[Case]:
    query = select(Case).where(Case.id.in_(list(case_ids)))
    return session().scalars(query.execution_options(populate_existing=True)).all()


def _open_part() -> tuple[ColumnElement[bool], ...]:
    return CaseUnit.role == UnitRole.CO, CaseUnit.state == UnitState.DISPATCHED, CaseUnit.left_at.is_(None)


def _is_working(case: Case, at: datetime) -> bool:
    days = calendar(case.district_code or "")
    return days.elapsed(at + _TICK) > days.elapsed(at)


def _insert(table: type[DutyTask | DutyCall]) -> Any:
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
