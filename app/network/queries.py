"""Reading areas, units and rules. Both stay in the process; a stamp in the database says if they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, func, or_, select

from app import stamps
from app.db import session
from app.errors import NotFound
from app.network.areas import CITY_CODE, AreaEntry, AreaTree, Level
from app.network.models import Area, NetworkStamp, RoutingRule, Unit
from app.network.routing import Rule, RuleIndex, SubjectKind, Territory, UnitRef
from app.network.unit_types import TERRITORIAL, Channel
from app.network.whens import ALWAYS, When

_NETWORK = "network"
stamps.register(_NETWORK, stamps.source(_NETWORK, NetworkStamp.stamp, name=NetworkStamp.name))
MOST_UNITS = 500
EVERY_UNIT = 100_000


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as the administration lists it."""

    rule: RoutingRule
    unit_name: str
    area_name: str


def areas() -> AreaTree:
    return _load_areas(_stamp("areas"))


def rule_index() -> RuleIndex:
    """Rules in force with their working units, ready for `routing.route`."""
    return _load_rules(_stamp("routing"), _stamp("areas"))


def routing_stamp() -> str:
    """Changes with every edit of units, their channels and rules."""
    return _stamp("routing")


def unit(unit_id: int) -> Unit:
    found = session().get(Unit, unit_id)
    if found is None:
        raise NotFound("没有这个单位")
    return found


def unit_by_code(code: str) -> Unit | None:
    return session().scalar(select(Unit).where(Unit.code == code))


def units(
    *, area_code: str = "", unit_type: str = "", text: str = "", active_only: bool = True, limit: int = MOST_UNITS
) -> Sequence[Unit]:
    """By code. `area_code` takes everything below it."""
    query = select(Unit).order_by(Unit.code).limit(limit)
    if area_code:
        query = query.where(Unit.area_code.startswith(area_code, autoescape=True))
    if unit_type:
        query = query.where(Unit.unit_type == unit_type)
    if text.strip():
        wanted = text.strip()
        query = query.where(or_(Unit.name.contains(wanted, autoescape=True), Unit.code == wanted))
    if active_only:
        query = query.where(Unit.is_active)
    return session().scalars(query).all()


def count_units() -> int:
    return session().scalar(select(func.count()).select_from(Unit)) or 0


def unit_types() -> Sequence[str]:
    return session().scalars(select(Unit.unit_type).distinct().order_by(Unit.unit_type)).all()


def telephoning_units() -> frozenset[int]:
    """Working units that answer by telephone alone; kept until a unit is edited."""
    return _units_by(Channel.TELEPHONE, routing_stamp())


def texting_units() -> frozenset[int]:
    """Working units that work by SMS; kept likewise, so that filing a case asks nothing."""
    return _units_by(Channel.SMS, routing_stamp())


def duty_phone(unit_id: int, rule_id: int | None = None) -> str | None:
    """Where the unit is rung up for a case: the rule's own number before the unit's."""
    rule = session().get(RoutingRule, rule_id) if rule_id else None
    if rule is not None and rule.unit_id == unit_id and rule.duty_phone:
        return rule.duty_phone
    return unit(unit_id).duty_phone


def rules(*, unit_id: int | None = None, text: str = "", active_only: bool = False) -> list[RuleLine]:
    """In the order in which they are tried."""
    query = _rules_with_units()
    if unit_id is not None:
        query = query.where(RoutingRule.unit_id == unit_id)
    if active_only:
        query = query.where(RoutingRule.is_active)
    if text.strip():
        wanted = text.strip()
        query = query.where(
            or_(
                RoutingRule.subject.contains(wanted, autoescape=True),
                RoutingRule.note.contains(wanted, autoescape=True),
                Unit.name.contains(wanted, autoescape=True),
            )
        )
    tree = areas()
    return [RuleLine(rule, unit.name, _area_name(tree, rule.area_code)) for rule, unit in session().execute(query)]


def rule(rule_id: int) -> RoutingRule:
    found = session().get(RoutingRule, rule_id)
    if found is None:
        raise NotFound("没有这条规则")
    return found


def area_name(code: str) -> str:
    return _area_name(areas(), code)


def is_empty() -> bool:
    return session().scalar(select(Unit.id).limit(1)) is None


def forget() -> None:
    """After a change in this piece of work, read again."""
    stamps.forget()


def _rules_with_units() -> Select[RoutingRule, Unit]:
    return (
        select(RoutingRule, Unit)
        .join(Unit, Unit.id == RoutingRule.unit_id)
        .order_by(RoutingRule.position, RoutingRule.id)
    )


def _area_name(tree: AreaTree, code: str) -> str:
    return "全市" if len(code) <= len(CITY_CODE) else tree.text(code) or code


def _stamp(name: str) -> str:
    _, stamp = stamps.current(_NETWORK).get(name, (0, ""))
    return stamp


@lru_cache(maxsize=4)
def _load_areas(stamp: str) -> AreaTree:
    if not stamp:
        return AreaTree(())
    columns = select(Area.code, Area.name, Area.level, Area.parent_code, Area.lng, Area.lat, Area.category)
    return AreaTree(
        AreaEntry(row.code, row.name, Level(row.level), row.parent_code, row.lng, row.lat, row.category)
        for row in session().execute(columns)
    )


@lru_cache(maxsize=4)
def _load_rules(routing_stamp: str, areas_stamp: str) -> RuleIndex:
    tree = areas()
    working = _rules_with_units().where(RoutingRule.is_active, Unit.is_active)
    leading = select(Unit).where(Unit.is_active, Unit.unit_type.in_(TERRITORIAL)).order_by(Unit.id.desc())
    found = session().execute(working).all()
    co_units = _refs({unit_id for row, _ in found for unit_id in row.co_unit_ids})
    return RuleIndex(
        (_rule(row, unit, tree, co_units) for row, unit in found),
        (
            Territory(unit.area_code, _area_name(tree, unit.area_code), UnitRef(unit.id, unit.name))
            for unit in session().scalars(leading)
        ),
    )


@lru_cache(maxsize=4)
def _units_by(channel: Channel, _stamp: str) -> frozenset[int]:
    return frozenset(session().scalars(select(Unit.id).where(Unit.channel == channel, Unit.is_active)))


def _refs(unit_ids: set[int]) -> dict[int, UnitRef]:
    if not unit_ids:
        return {}
    working = session().execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids), Unit.is_active))
    return {row.id: UnitRef(row.id, row.name) for row in working}


def _rule(row: RoutingRule, unit: Unit, tree: AreaTree, co_units: Mapping[int, UnitRef]) -> Rule:
    return Rule(
        id=row.id,
        position=row.position,
        area_code=row.area_code,
        area_name=_area_name(tree, row.area_code),
        subject_kind=SubjectKind(row.subject_kind),
        subject=row.subject,
        unit=UnitRef(unit.id, unit.name),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        note=row.note,
        when=when_of(row),
        co_units=tuple(co_units[each] for each in row.co_unit_ids if each in co_units),
        crew=row.crew,
    )


def when_of(row: RoutingRule) -> When:
    return (
        When(
            row.condition_no,
            row.time_from,
            row.time_to,
            row.weekdays,
            row.season_from,
            row.season_to,
            row.most_load,
        )
        or ALWAYS
    )
