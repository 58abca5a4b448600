"""Routing rules of the demonstration city. The order is the law: special cases, streets, districts, city."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert

from app.db import session
from app.demo.city import DISTRICTS, SQUAD, streets
from app.network.areas import CITY_CODE, AreaTree
from app.network.models import RoutingRule, Unit
from app.network.routing import SubjectKind
from app.network.service import GAP
from app.network.unit_types import STREET_OFFICE, TERRITORIAL, UnitLevel

# Things that one unit handles wherever they lie: the class decides before the type of unit is looked at.
_SPECIAL = (
    ("E2122", "", "宁波市建筑垃圾管理处", "渣土运输由市建筑垃圾管理处统一查处"),
    ("C0207", "", "宁波市城市快速路管理处", "高架及立交桥由市级统一养护"),
    ("C0208", "330203", "宁波市桥梁隧道养护公司", "三江六岸跨河桥由市级养护"),
    ("C0208", "330205", "宁波市桥梁隧道养护公司", "三江六岸跨河桥由市级养护"),
    ("C0109", "", "宁波移动公司", ""),
    ("C2105", "", "宁波通信铁塔公司", "通信立杆由铁塔公司统一维护"),
    ("C2107", "", "宁波市充电设施运营公司", ""),
    ("C2113", "330203", "宁波市公共自行车服务公司", "海曙区停放点委托公共自行车公司管理"),
    ("C2117", "", "宁波市生活垃圾转运公司", ""),
    ("E2115", "", "宁波市户外广告管理处", ""),
    ("C0410", "", "宁波市公园管理处", "喷泉由市公园管理处统一维护"),
)
# Merged into 鄞州区 on 2016-09-14: the old code stays explainable in old cases and reaches nobody today.
_OLD_JIANGDONG = ("330204", date(2016, 9, 13), "江东区于 2016 年 9 月并入鄞州区，规则随之失效")


@dataclass(frozen=True, slots=True)
class _Plan:
    kind: SubjectKind
    subject: str
    area_code: str
    unit_id: int
    note: str = ""
    valid_to: date | None = None


def build_rules(tree: AreaTree, units: list[Unit]) -> int:
    """Returns how many."""
    plans = list(_plan(tree, units))
    rows = [_row(plan, place * GAP) for place, plan in enumerate(plans, start=1)]
    session().execute(insert(RoutingRule), rows)
    return len(rows)


def _plan(tree: AreaTree, units: list[Unit]) -> Iterator[_Plan]:
    by_name = {unit.name: unit.id for unit in units}
    by_place = {(unit.area_code, unit.unit_type): unit.id for unit in reversed(units)}
    code, last_day, note = _OLD_JIANGDONG
    yield _Plan(SubjectKind.ANY, "*", code, by_place["330212", "区级指挥中心"], note, last_day)
    for class_code, area_code, name, why in _SPECIAL:
        yield _Plan(SubjectKind.CLASS, class_code, area_code, by_name[name], why)
    for street in streets(tree):
        for unit_type in (SQUAD, STREET_OFFICE):
            yield _Plan(SubjectKind.UNIT_TYPE, unit_type, street.code, by_place[street.code, unit_type])
    yield from _by_type(units, UnitLevel.DISTRICT, DISTRICTS)
    yield from _by_type(units, UnitLevel.CITY, (CITY_CODE,))


def _by_type(units: list[Unit], level: UnitLevel, area_codes: tuple[str, ...]) -> Iterator[_Plan]:
    """One rule for each type of unit in each area: the first unit of the type, in the order of codes, is in charge."""
    for area_code in area_codes:
        seen = set(TERRITORIAL)
        for unit in units:
            if unit.level == level.value and unit.area_code == area_code and unit.unit_type not in seen:
                seen.add(unit.unit_type)
                yield _Plan(SubjectKind.UNIT_TYPE, unit.unit_type, area_code, unit.id)


def _row(plan: _Plan, position: int) -> dict[str, object]:
    return {
        "position": position,
        "area_code": plan.area_code,
        "subject_kind": plan.kind.value,
        "subject": plan.subject,
        "unit_id": plan.unit_id,
        "valid_from": None,
        "valid_to": plan.valid_to,
        "note": plan.note,
        "is_active": True,
        "version": 1,
    }
