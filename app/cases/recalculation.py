"""A calendar was changed: which deadlines of open cases move, and moving them once an administrator says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from app import clock
from app.accounts.roles import Permission, Principal, Role
from app.cases.deadlines import CaseDeadline, Running
from app.cases.dispatching import limit_of
from app.cases.models import Case, DeadlineMove
from app.cases.rows import record
from app.cases.terms import AT_THE_UNIT, State
from app.catalogue.calendar_memory import recall, remember
from app.catalogue.calendars import WorkCalendar, moment_text
from app.catalogue.clocks import Clock, advance
from app.catalogue.queries import calendar_areas
from app.db import session
from app.errors import Forbidden

# Where the handling limit runs or stands still; what was fed back keeps the time it was judged by.
_COUNTING = (*AT_THE_UNIT, State.SUSPENDED)
_WORKING_CLOCKS = (Clock.WORK_HOUR, Clock.WORK_DAY)
# Looked at in one transaction: a bite holds its rows for less than a second.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Moved:
    case_id: int
    number: str
    class_name: str
    unit_name: str
    before: datetime
    after: datetime


def moved_deadlines(area_code: str, before: WorkCalendar, after: WorkCalendar) -> list[Moved]:
    """Open cases whose deadline is another one under the new calendar of the area; the nearest deadlines first."""
    now = clock.now()
    cases = session().scalars(_counting_in(area_code, now).order_by(Case.due_at, Case.id)).all()
    return [
        Moved(case.id, case.number, case.class_name, case.unit_name, _due(case), deadline.due_at)
        for case, deadline in _moves(cases, before, after, now)
    ]


def move_deadlines(actor: Principal, area_code: str, before: WorkCalendar, after: WorkCalendar) -> DeadlineMove:
    """Asks for new deadlines in the cases and their histories. A few are written at once, thousands by `go_on`."""
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以重算时限")
    now = clock.now()
    total = session().scalar(select(func.count()).select_from(_counting_in(area_code, now).subquery())) or 0
    move = DeadlineMove(
        area_code=area_code,
        before=remember(before),
        after=remember(after),
        asked_by=actor.id,
        asked_name=actor.name,
        asked_at=now,
        total=total,
    )
    session().add(move)
    session().flush()
    if total <= AT_ONCE and first_unfinished() is move:
        take_a_bite(move)
    return move


def first_unfinished() -> DeadlineMove | None:
    """One after the other: each begins where the one before has left the deadlines."""
    query = select(DeadlineMove).where(DeadlineMove.done_at.is_(None)).order_by(DeadlineMove.id)
    return session().scalar(query.limit(1).with_for_update(key_share=True))


def go_on() -> bool:
    """One bite of the oldest move; False: there is none. The place it has reached is committed with what it wrote."""
    move = first_unfinished()
    if move is None:
        return False
    take_a_bite(move)
    return True


def move_of(area_code: str) -> DeadlineMove | None:
    """The area's newest, underway or done."""
    query = select(DeadlineMove).where(DeadlineMove.area_code == area_code).order_by(DeadlineMove.id.desc())
    return session().scalar(query.limit(1))


def take_a_bite(move: DeadlineMove) -> None:
    query = _counting_in(move.area_code, move.asked_at).where(Case.id > move.after_id).order_by(Case.id)
    cases = session().scalars(query.limit(AT_ONCE).with_for_update(key_share=True)).all()
    actor = Principal(move.asked_by, move.asked_name, frozenset({Role.ADMINISTRATOR}))
    for case, deadline in _moves(cases, recall(move.before), recall(move.after), move.asked_at):
        _write(actor, case, deadline)
        move.moved += 1
    move.looked_at += len(cases)
    move.after_id = cases[-1].id if cases else move.after_id
    if len(cases) < AT_ONCE:
        move.done_at = clock.now()
    session().flush()


def _write(actor: Principal, case: Case, deadline: CaseDeadline) -> None:
    words = f"工作日历调整，到期时间由 {moment_text(_due(case))} 改为 {moment_text(deadline.due_at)}"
    case.deadline_steps = list(deadline.steps)
    if case.state == State.SUSPENDED:
        case.stopped_due_at = deadline.due_at
    else:
        case.due_at, case.yellow_at = deadline.due_at, deadline.yellow_at
    record(actor, case, [("case.deadline_moved", words)])


def _counting_in(area_code: str, asked_at: datetime) -> Select[Case]:
    """Cases whose limit runs in working time under the calendar of this very area, not of a nearer one."""
    query = select(Case).where(Case.state.in_(_COUNTING), Case.limit_unit.in_(_WORKING_CLOCKS))
    # What was dispatched meanwhile counts by the new calendar already.
    query = query.where(Case.district_code.startswith(area_code), Case.dispatched_at <= asked_at)
    for nearer in calendar_areas():
        if nearer != area_code and nearer.startswith(area_code):
            query = query.where(Case.district_code.notlike(f"{nearer}%"))
    return query


def _moves(
    cases: Sequence[Case], before: WorkCalendar, after: WorkCalendar, asked_at: datetime
) -> Iterator[tuple[Case, CaseDeadline]]:
    for case in cases:
        if case.due_at or case.stopped_due_at:
            deadline = _running(case, before).recounted(_anchor(case, before, asked_at), after)
            if deadline.due_at != _due(case):
                yield case, deadline


def _due(case: Case) -> datetime:
    due = case.stopped_due_at if case.state == State.SUSPENDED else case.due_at
    assert due is not None
    return due


def _running(case: Case, before: WorkCalendar) -> Running:
    return Running(_due(case), limit_of(case), before, case.extensions_now, tuple(case.deadline_steps))


def _anchor(case: Case, before: WorkCalendar, asked_at: datetime) -> datetime:
    """From where on the time is counted anew.

    A limit that has run since the dispatch without a stop is counted from there, so that a holiday proclaimed late
    counts, too. After a stop the time already used stays as it was measured.
    """
    if case.state == State.SUSPENDED and case.suspended_at is not None:
        return case.suspended_at
    limit, start = limit_of(case), case.dispatched_at
    whole = limit.duration * (1 + case.extensions_now)
    if start is not None and advance(start, whole, limit.clock, before) == _due(case):
        return start
    return asked_at
