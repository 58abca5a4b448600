"""派遣: which unit gets a case and why, its co-units, and the clock that starts with it."""

from collections.abc import Callable, Iterable
from datetime import date, time

from sqlalchemy import func, select

from app import clock
from app.cases.deadlines import deadline_of
from app.cases.guards import MOST_CO_UNITS
from app.cases.models import Case, CaseUnit
from app.cases.schemas import ActionFacts, CaseFields
from app.cases.terms import AT_THE_UNIT, UnitRole, UnitState
from app.catalogue.clocks import Clock, Limit
from app.catalogue.entries import ClassEntry, Condition
from app.catalogue.queries import calendar, catalogue
from app.db import session
from app.errors import Invalid
from app.network.models import Unit
from app.network.queries import areas, rule_index
from app.network.queries import unit as find_unit
from app.network.routing import Route, RouteQuery, route

BY_HAND = "人工指定"


def find_route(fields: CaseFields, on: date, at: time | None = None) -> tuple[Route, Limit]:
    """Which unit would get it and within which limit; Invalid for a place or condition that does not exist.

    `at`: the time of the day, the present one if not told.
    """
    if not areas().holds(fields.district, fields.street, fields.community):
        raise Invalid("地点的区、街道、社区不相符", fields={"district": "请重新选择地点"})
    entry = catalogue().class_of(fields.class_code)
    condition = entry.condition(fields.condition_no)
    place = (fields.district, fields.street, fields.community)
    query = question(entry, condition.no, place, on, at or clock.local(clock.now()).time())
    return route(query, rule_index()), area_limit(condition, *place)


def question(
    entry: ClassEntry,
    condition_no: int | None,
    place: tuple[str | None, str | None, str | None],
    on: date,
    at: time,
    load: Callable[[int], int] | None = None,
) -> RouteQuery:
    """To the router. `place`: district, street, community; `load`: how many cases a unit has, if not as of now."""
    district, street, community = place
    return RouteQuery(
        class_code=entry.code,
        primary_unit_type=entry.primary_unit_type,
        secondary_unit_type=entry.secondary_unit_type,
        district=district,
        street=street,
        community=community,
        on=on,
        class_name=entry.name,
        condition_no=condition_no,
        at=at,
        load=load or cases_at_hand,
    )


def area_limit(condition: Condition, district: str | None, street: str | None, community: str | None) -> Limit:
    """The limit of a condition in the category (A, B, C) of the place."""
    return condition.limit_in(areas().category(community or street or district))


def cases_at_hand(unit_id: int) -> int:
    mine = select(func.count()).select_from(Case).where(Case.unit_id == unit_id, Case.state.in_(AT_THE_UNIT))
    return session().scalar(mine) or 0


def dispatch(case: Case, facts: ActionFacts) -> str:
    """By rule, or to the unit that was named; keeps the rule and its reasons as they are today."""
    co_unit_ids = list(facts.co_unit_ids)
    if facts.unit_id is not None:
        text = _to_named(case, facts)
    else:
        text, by_rule = _by_rule(case, facts)
        co_unit_ids += by_rule
    start_clock(case)
    # Whoever reported it is told this time first; a later unit's limit does not move it.
    case.promised_until = case.promised_until or case.due_at
    added = add_co_units(case, co_unit_ids)
    return "；".join(part for part in (text, added, facts.reason) if part)


def start_clock(case: Case) -> None:
    """A whole limit from now on; whatever happened to an earlier one is over."""
    deadline = deadline_of(clock.now(), limit_of(case), calendar(case.district_code or ""))
    case.due_at, case.yellow_at, case.deadline_steps = deadline.due_at, deadline.yellow_at, list(deadline.steps)
    case.stopped_due_at, case.overdue_exempt = None, False
    case.extensions_before = case.extensions or 0


def limit_of(case: Case) -> Limit:
    """As it was when the case was filed, whatever the catalogue says today."""
    if case.limit_value and case.limit_unit:
        return Limit(case.limit_value, Clock(case.limit_unit))
    version = catalogue(case.catalogue_version)
    condition = version.condition(case.class_code or "", case.condition_no or 0)
    return area_limit(condition, case.district_code, case.street_code, case.community_code)


def add_co_units(case: Case, unit_ids: Iterable[int]) -> str:
    names = [_add_co_unit(case, unit_id) for unit_id in dict.fromkeys(unit_ids)]
    return f"协办：{'、'.join(names)}" if names else ""


def record_leaving(case: Case, state: UnitState) -> None:
    """Keep who had the case, since when and until which deadline: the next unit starts with a clean sheet."""
    if case.unit_id is None:
        return
    case.units.append(
        CaseUnit(
            unit_id=case.unit_id,
            unit_name=case.unit_name,
            role=UnitRole.MAIN,
            state=state,
            dispatched_at=case.dispatched_at,
            accepted_at=case.accepted_at,
            due_at=case.due_at,
            left_at=clock.now(),
        )
    )
    case.units_involved += 1
    case.accepted_at, case.crew = None, ""


def _by_rule(case: Case, facts: ActionFacts) -> tuple[str, list[int]]:
    """The words, and the co-units the rule names that are not at the case yet."""
    fields = CaseFields(
        class_code=case.class_code or "",
        condition_no=case.condition_no or 0,
        description=case.description,
        address=case.address,
        district=case.district_code or "",
        street=case.street_code,
        community=case.community_code,
    )
    found, _ = find_route(fields, clock.local(clock.now()).date())
    if case.returned_by and found.unit_id in case.returned_by and not facts.reason:
        words = f"按规则仍应派{found.unit_name}，但该单位已退回过此案，请另选单位或说明原因"
        raise Invalid(words, fields={"unit_id": "请另选单位", "reason": "或说明原因"})
    case.routing, case.crew = found.record, found.crew
    known = [*(case.co_unit_ids or []), *facts.co_unit_ids]
    added = [each.id for each in found.co_units if each.id not in known]
    return _give(case, found.unit_id, found.unit_name), added[: max(0, MOST_CO_UNITS - len(known))]


def _to_named(case: Case, facts: ActionFacts) -> str:
    unit = _working(facts.unit_id or 0, "unit_id")
    why = f"，理由：{facts.reason}" if facts.reason else ""
    case.routing = {
        "rule_id": None,
        "rule": BY_HAND,
        "explanation": f"人工指定{unit.name}处置{why}",
        "runner_up": None,
    }
    return _give(case, unit.id, unit.name)


def _give(case: Case, unit_id: int, unit_name: str) -> str:
    case.unit_id, case.unit_name = unit_id, unit_name
    if case.co_unit_ids and unit_id in case.co_unit_ids:
        _drop_co_unit(case, unit_id)
    return f"派往 {unit_name}，时限 {limit_of(case).text}"


def _add_co_unit(case: Case, unit_id: int) -> str:
    unit = _working(unit_id, "co_unit_ids")
    if unit_id == case.unit_id:
        raise Invalid("主办单位不能同时是协办单位", fields={"co_unit_ids": "主办单位不能同时是协办单位"})
    known = next((part for part in case.units if part.role == UnitRole.CO and part.unit_id == unit_id), None)
    if known is not None and unit_id in case.co_unit_ids and known.state == UnitState.DISPATCHED:
        raise Invalid(f"{unit.name}已是协办单位", fields={"co_unit_ids": f"{unit.name}已是协办单位"})
    if known is None:
        known = CaseUnit(unit_id=unit.id, unit_name=unit.name, role=UnitRole.CO)
        case.units.append(known)
        case.units_involved = (case.units_involved or 0) + 1
    known.state, known.dispatched_at, known.fed_back_at, known.left_at = UnitState.DISPATCHED, clock.now(), None, None
    _keep_co_units(case, [*(case.co_unit_ids or []), unit_id])
    return unit.name


def _drop_co_unit(case: Case, unit_id: int) -> None:
    for part in case.units:
        if part.role == UnitRole.CO and part.unit_id == unit_id and part.left_at is None:
            part.left_at = clock.now()
            part.state = UnitState.REASSIGNED if part.state == UnitState.DISPATCHED else part.state
    _keep_co_units(case, [known for known in case.co_unit_ids if known != unit_id])


def _keep_co_units(case: Case, unit_ids: list[int]) -> None:
    kept = list(dict.fromkeys(unit_ids))
    if len(kept) > MOST_CO_UNITS:
        words = f"协办单位最多 {MOST_CO_UNITS} 个"
        raise Invalid(words, fields={"co_unit_ids": words})
    case.co_unit_ids = kept


def _working(unit_id: int, field: str) -> Unit:
    unit = find_unit(unit_id)
    if not unit.is_active:
        raise Invalid(f"{unit.name}已停用", fields={field: f"{unit.name}已停用"})
    return unit
