"""Bring the areas of the city into an empty database."""

import csv
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select

from app.db import session
from app.errors import Invalid
from app.network.areas import CITY_CODE, Level
from app.network.models import Area
from app.network.service import renew_stamp

SHIPPED_POSITIONS = Path(__file__).parent / "data" / "positions.csv"
_ABOVE = (("33", "浙江省", Level.PROVINCE, None), (CITY_CODE, "宁波市", Level.CITY, "33"))
_ORDER = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    name: str
    level: Level
    parent_code: str | None


def install_areas(places_csv: Path, positions_csv: Path = SHIPPED_POSITIONS) -> bool:
    """Province, city and all of `places_csv` (level,code,name,parent_code); says whether anything was written."""
    if session().scalar(select(Area.id).limit(1)) is not None:
        return False
    positions = _read_positions(positions_csv)
    places = [_Place(*above) for above in _ABOVE] + _read_places(places_csv)
    _check(places)
    session().execute(insert(Area), [_row(place, positions) for place in places])
    renew_stamp("areas")
    return True


def _read_places(path: Path) -> list[_Place]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [_Place(r["code"], r["name"], Level(r["level"]), r["parent_code"]) for r in csv.DictReader(lines)]
    # Parents first: the foreign key to the area above is checked row by row.
    return sorted(rows, key=lambda place: (_ORDER.index(place.level), place.code))


def _read_positions(path: Path) -> dict[str, tuple[float, float]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (float(row["lng"]), float(row["lat"])) for row in csv.DictReader(lines)}


def _check(places: list[_Place]) -> None:
    known = {place.code for place in places}
    orphans = [place.code for place in places if place.parent_code is not None and place.parent_code not in known]
    if orphans:
        raise Invalid(f"{len(orphans)} 个区域没有上级，如 {orphans[0]}；未导入任何数据", rows=orphans[:50])


def _row(place: _Place, positions: dict[str, tuple[float, float]]) -> dict[str, object]:
    lng, lat = positions.get(place.code, (None, None))
    return {
        "code": place.code,
        "name": place.name,
        "level": place.level.value,
        "parent_code": place.parent_code,
        "lng": lng,
        "lat": lat,
    }
