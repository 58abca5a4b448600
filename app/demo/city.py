"""The network of the demonstration city: names sound real, telephones are invented, nothing is from a live system."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from argon2 import PasswordHasher
from sqlalchemy import insert, select

from app.config import DEMO_PIN
from app.db import session
from app.demo.names import person_name
from app.network.areas import CITY_CODE, AreaEntry, AreaTree, Level
from app.network.models import Unit
from app.network.unit_types import DISTRICT_CENTRE, STREET_OFFICE, Channel, UnitLevel

DATA = Path(__file__).parent / "data"
# 海曙 江北 北仑 镇海 鄞州 奉化; the other four counties run their own hotlines and exist as areas only.
DISTRICTS = ("330203", "330205", "330206", "330211", "330212", "330213")
SQUAD = "综合行政执法（城管）中队"
_STREET_ENDINGS = ("街道", "镇", "乡")


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit before it has an id; `parent` is the code of the unit above."""

    code: str
    name: str
    unit_type: str
    level: UnitLevel
    area_code: str
    channel: Channel
    parent: str | None = None
    duty_phone: str = ""
    contact: str = ""


def plan_units(tree: AreaTree, random: Random) -> list[UnitPlan]:
    """59 units of the city, 30 in each district, an office and a squad in each street; parents come first."""
    plans = [*_of_the_city()]
    plans += [plan for district in _districts(tree) for plan in _of_a_district(district)]
    plans += [plan for street in streets(tree) for plan in _of_a_street(street, tree)]
    return [_reachable(plan, place, random) for place, plan in enumerate(plans)]


def streets(tree: AreaTree) -> list[AreaEntry]:
    """Streets and towns of the six districts."""
    return [street for district in DISTRICTS for street in tree.children(district)]


def build_units(tree: AreaTree, random: Random) -> dict[str, int]:
    """Write the units in waves, as a parent needs its id first; returns ids by code."""
    waiting = plan_units(tree, random)
    ids: dict[str, int] = {}
    while waiting:
        ready = [plan for plan in waiting if plan.parent is None or plan.parent in ids]
        session().execute(insert(Unit), [_row(plan, ids) for plan in ready])
        ids = {row.code: row.id for row in session().execute(select(Unit.code, Unit.id))}
        waiting = [plan for plan in waiting if plan.code not in ids]
    return ids


def _of_the_city() -> Iterator[UnitPlan]:
    for number, row in enumerate(_read("city_units.csv"), start=1):
        yield UnitPlan(
            code=f"{CITY_CODE}-{number:02d}",
            name=row["name"],
            unit_type=row["unit_type"],
            level=UnitLevel.CITY,
            area_code=CITY_CODE,
            channel=Channel(row["channel"]),
        )


def _of_a_district(district: AreaEntry) -> Iterator[UnitPlan]:
    short = district.name.removesuffix("区")
    for number, row in enumerate(_read("district_units.csv"), start=1):
        centre = row["unit_type"] == DISTRICT_CENTRE
        yield UnitPlan(
            code=f"{district.code}-{number:02d}",
            name=row["name"].format(district=district.name, short=short),
            unit_type=row["unit_type"],
            level=UnitLevel.DISTRICT,
            area_code=district.code,
            channel=Channel(row["channel"]),
            parent=f"{CITY_CODE}-01" if centre else f"{district.code}-01",
        )


def _of_a_street(street: AreaEntry, tree: AreaTree) -> Iterator[UnitPlan]:
    district = tree.area(street.code[:6])
    office = UnitPlan(
        code=f"{street.code}-01",
        name=f"{district.name}{_office_name(street.name)}",
        unit_type=STREET_OFFICE,
        level=UnitLevel.STREET,
        area_code=street.code,
        channel=Channel.WEB,
        parent=f"{district.code}-01",
    )
    yield office
    # The squads of a district belong to its enforcement team, second in the file.
    squad_name = f"{district.name}综合行政执法队{_stem(street.name)}中队"
    yield replace(office, code=f"{street.code}-02", name=squad_name, unit_type=SQUAD, parent=f"{district.code}-02")


def _office_name(street: str) -> str:
    if street.endswith("街道"):
        return f"{street}办事处"
    return f"{street}人民政府" if street.endswith(("镇", "乡")) else f"{street}管理委员会"


def _stem(street: str) -> str:
    for ending in _STREET_ENDINGS:
        if street.endswith(ending):
            return street.removesuffix(ending)
    return street


def _reachable(plan: UnitPlan, place: int, random: Random) -> UnitPlan:
    # 0574-555xxxxx is not given out in Ningbo, nor the prefix 164 to any network: nobody is reached.
    phone = f"+861640575{place:04d}" if plan.channel is Channel.SMS else f"+86574555{place:05d}"
    return replace(plan, duty_phone=phone, contact=person_name(random))


def _row(plan: UnitPlan, ids: dict[str, int]) -> dict[str, object]:
    return {
        "code": plan.code,
        "name": plan.name,
        "unit_type": plan.unit_type,
        "level": plan.level.value,
        "area_code": plan.area_code,
        "parent_id": ids[plan.parent] if plan.parent else None,
        "duty_phone": plan.duty_phone,
        "contact": plan.contact,
        "channel": plan.channel.value,
        "pin_hash": _pin_hash() if plan.channel is Channel.TELEPHONE else None,
        "is_active": True,
        "version": 1,
    }


@cache
def _pin_hash() -> str:
    """One PIN for all, so that the calls can be walked; always the same, as everything in this city."""
    return PasswordHasher().hash(DEMO_PIN, salt=b"demonstration city")


def _districts(tree: AreaTree) -> list[AreaEntry]:
    return [each for each in tree.at_level(Level.DISTRICT) if each.code in DISTRICTS]


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
