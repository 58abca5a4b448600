"""The supervisors' list: open cases by lamp, red first, what nobody has first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import load_only

from app import clock
from app.accounts.roles import Principal
from app.cases.deadlines import lamp
from app.cases.models import Case
from app.cases.terms import OPEN
from app.cases.visibility import sees_everything, visible
from app.catalogue.clocks import Lamp
from app.db import session
from app.supervision.lamps import StageClock
from app.supervision.models import CaseWatch, Reminder, SupervisionOrder
from app.supervision.orders import orders_of

PAGE = 25
ORDERS = 5  # 督办 on a page
# A page number beyond this is somebody's mistake, not a list that people read.
LAST_PAGE = 2000
# Names and numbers of callers stay sealed: this list never shows them.
_SHOWN = (
    Case.number,
    Case.version,
    Case.state,
    Case.class_code,
    Case.class_name,
    Case.address,
    Case.district_code,
    Case.street_code,
    Case.unit_id,
    Case.unit_name,
    Case.limit_value,
    Case.limit_unit,
    Case.urges,
    Case.returns,
    Case.reworks,
    Case.extensions,
    Case.supervisions,
    Case.opened_at,
    Case.due_at,
    Case.yellow_at,
    Case.urgency,
)


@dataclass(frozen=True, slots=True)
class LampFilter:
    """Codes are prefixes; an empty field takes all."""

    lamp: str = ""
    area: str = ""
    unit_ids: tuple[int, ...] | None = None
    class_code: str = ""
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class LampLine:
    case: Case
    lamp: Lamp
    clock: str
    due_at: datetime | None
    yellow_at: datetime | None
    orders: list[SupervisionOrder]
    reminded: int


def lamp_lines(viewer: Principal, asked: LampFilter, page: int = 1) -> list[LampLine]:
    order = (CaseWatch.rank, CaseWatch.is_assigned, CaseWatch.due_at, CaseWatch.case_id)
    # Which ones stands in the index; only the page's own are looked up.
    wanted = _watched(select(CaseWatch.case_id), viewer, asked).order_by(*order).limit(PAGE)
    wanted = wanted.offset((min(max(page, 1), LAST_PAGE) - 1) * PAGE)
    query = select(Case, CaseWatch).join(CaseWatch, CaseWatch.case_id == Case.id).options(load_only(*_SHOWN))
    query = query.where(CaseWatch.case_id.in_(session().scalars(wanted).all())).order_by(*order)
    rows = session().execute(query).all()
    ids = [case.id for case, _ in rows]
    orders, reminded = orders_of(ids), _reminded(ids)
    return [_line(case, watch, orders.get(case.id, []), reminded.get(case.id, 0)) for case, watch in rows]


def _line(case: Case, watch: CaseWatch, orders: list[SupervisionOrder], reminded: int) -> LampLine:
    """The lamp as it is now: the one in the list's index is up to a minute old."""
    yellow = case.yellow_at if watch.clock == StageClock.LIMIT else None
    return LampLine(case, lamp(clock.now(), watch.due_at, yellow), watch.clock, watch.due_at, yellow, orders, reminded)


def lamp_counts(viewer: Principal, asked: LampFilter) -> dict[str, int]:
    """By lamp, and "unassigned"; whatever lamp is asked for."""
    wide = LampFilter(area=asked.area, unit_ids=asked.unit_ids, class_code=asked.class_code)
    query = _watched(select(CaseWatch.lamp, CaseWatch.is_assigned, func.count()), viewer, wide)
    query = query.group_by(CaseWatch.lamp, CaseWatch.is_assigned)
    counts = dict.fromkeys((lamp.value for lamp in Lamp), 0) | {"unassigned": 0}
    for colour, is_assigned, count in session().execute(query):
        counts[colour] += count
        counts["unassigned"] += 0 if is_assigned else count
    return counts


def unanswered(viewer: Principal, page: int = 1) -> Sequence[tuple[SupervisionOrder, Case]]:
    """督办 that wait for an answer, the earliest deadline first."""
    query = _unanswered(select(SupervisionOrder, Case), viewer).options(load_only(*_SHOWN))
    query = query.order_by(SupervisionOrder.due_at, SupervisionOrder.id).limit(ORDERS)
    return [(order, case) for order, case in session().execute(query.offset((max(page, 1) - 1) * ORDERS))]


def count_unanswered(viewer: Principal) -> int:
    return session().scalar(_unanswered(select(func.count()), viewer)) or 0


def _unanswered(query: Select[*tuple[Any, ...]], viewer: Principal) -> Select[*tuple[Any, ...]]:
    query = query.select_from(SupervisionOrder).join(Case, Case.id == SupervisionOrder.case_id)
    return query.where(SupervisionOrder.state == "open", visible(viewer))


def _watched(query: Select[*tuple[Any, ...]], viewer: Principal, asked: LampFilter) -> Select[*tuple[Any, ...]]:
    """The watch alone answers whoever sees the whole city and asks for no part of it."""
    query, of_cases = query.where(*_by_lamp(asked)), _by_case(asked)
    if sees_everything(viewer) and not of_cases:
        return query
    return query.join(Case, Case.id == CaseWatch.case_id).where(visible(viewer), *of_cases)


def _by_lamp(asked: LampFilter) -> Iterator[ColumnElement[bool]]:
    if asked.lamp in set(Lamp):
        yield CaseWatch.rank == [Lamp.RED, Lamp.YELLOW, Lamp.GREEN, Lamp.GREY].index(Lamp(asked.lamp))
    if asked.unassigned:
        yield CaseWatch.is_assigned.is_(False)


def _by_case(asked: LampFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if len(asked.area) > 4:
        column = {6: Case.district_code, 9: Case.street_code}.get(len(asked.area), Case.community_code)
        found.append(column == asked.area)
    if asked.unit_ids is not None:
        found.append(Case.unit_id.in_(asked.unit_ids))
    if asked.class_code:
        # As a range: LIKE enters an index in the "C" collation alone. No code goes on with a letter.
        found.append(Case.class_code.between(asked.class_code, f"{asked.class_code}z"))
    # The same once more, so that the few open cases are gone through rather than all that ever were.
    return [*found, Case.state.in_(OPEN)] if found else []


def _reminded(case_ids: Sequence[int]) -> dict[int, int]:
    query = select(Reminder.case_id, func.count()).where(Reminder.case_id.in_(case_ids), Reminder.state == "told")
    return {case_id: count for case_id, count in session().execute(query.group_by(Reminder.case_id))}
