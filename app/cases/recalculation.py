"""A calendar was changed: which deadlines of open cases move, and moving them once an administrator says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases.deadlines import CaseDeadline, Running
from app.cases.dispatching import limit_of
from app.cases.models import Case
from app.cases.rows import record
from app.cases.terms import AT_THE_UNIT, State
from app.catalogue.calendars import WorkCalendar, moment_text
from app.catalogue.clocks import Clock, advance
from app.catalogue.queries import calendar_areas
from app.db import session
from app.errors import Forbidden

# Where the handling limit runs or stands still; what was fed back keeps the time it was judged by.
_COUNTING = (*AT_THE_UNIT, State.SUSPENDED)
_WORKING_CLOCKS = (Clock.WORK_HOUR, Clock.WORK_DAY)


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
    return [
        Moved(case.id, case.number, case.class_name, case.unit_name, _due(case), deadline.due_at)
        for case, deadline in _moves(area_code, before, after)
    ]


def move_deadlines(actor: Principal, area_code: str, before: WorkCalendar, after: WorkCalendar) -> int:
    """Writes the new deadlines into the cases and their histories; returns how many."""
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以重算时限")
    moves = list(_moves(area_code, before, after, for_update=True))
    for case, deadline in moves:
        words = f"工作日历调整，到期时间由 {moment_text(_due(case))} 改为 {moment_text(deadline.due_at)}"
        case.deadline_steps = list(deadline.steps)
        if case.state == State.SUSPENDED:
            case.stopped_due_at = deadline.due_at
        else:
            case.due_at, case.yellow_at = deadline.due_at, deadline.yellow_at
        record(actor, case, [("case.deadline_moved", words)])
    return len(moves)


def _moves(
    area_code: str, before: WorkCalendar, after: WorkCalendar, *, for_update: bool = False
) -> Iterator[tuple[Case, CaseDeadline]]:
    query = select(Case).where(Case.state.in_(_COUNTING), Case.limit_unit.in_(_WORKING_CLOCKS))
    query = query.where(Case.district_code.startswith(area_code)).order_by(Case.due_at, Case.id)
    if for_update:
        query = query.with_for_update()
    nearer = [code for code in calendar_areas() if code != area_code and code.startswith(area_code)]
    for case in session().scalars(query).all():
        works_here = not any((case.district_code or "").startswith(code) for code in nearer)
        if works_here and (case.due_at or case.stopped_due_at):
            deadline = _running(case, before).recounted(_anchor(case, before), after)
            if deadline.due_at != _due(case):
                yield case, deadline


def _due(case: Case) -> datetime:
    due = case.stopped_due_at if case.state == State.SUSPENDED else case.due_at
    assert due is not None
    return due


def _running(case: Case, before: WorkCalendar) -> Running:
    return Running(_due(case), limit_of(case), before, case.extensions or 0, tuple(case.deadline_steps))


def _anchor(case: Case, before: WorkCalendar) -> datetime:
    """From where on the time is counted anew.

    A limit that has run since the dispatch without a stop is counted from there, so that a holiday proclaimed late
    counts, too. After a stop the time already used stays as it was measured.
    """
    if case.state == State.SUSPENDED and case.suspended_at is not None:
        return case.suspended_at
    limit, start = limit_of(case), case.dispatched_at
    whole = limit.duration * (1 + (case.extensions or 0))
    if start is not None and advance(start, whole, limit.clock, before) == _due(case):
        return start
    return clock.now()
