"""Places and units as the consoles read them."""

from pydantic import BaseModel

from app.network.areas import AreaEntry, AreaTree, Level
from app.network.models import Unit
from nlp.types import Place


class AreaName(BaseModel):
    code: str
    name: str


class PlaceLine(BaseModel):
    """A place that fits what was typed; `start`, `end` and `confidence` say how much of it was understood.

    `address`: everything typed, with old names written as they are today.
    """

    level: str
    code: str
    name: str
    text: str
    start: int
    end: int
    confidence: float
    address: str
    note: str
    district: AreaName | None
    street: AreaName | None
    community: AreaName | None
    lng: float | None
    lat: float | None


class PlaceList(BaseModel):
    items: list[PlaceLine]


class AreaLine(BaseModel):
    code: str
    name: str
    level: str
    parent_code: str | None
    lng: float | None
    lat: float | None


class AreaList(BaseModel):
    items: list[AreaLine]


class UnitLine(BaseModel):
    """Without the duty telephone: whoever needs it gets it with the case."""

    id: int
    code: str
    name: str
    unit_type: str
    level: str
    area_code: str
    channel: str
    is_active: bool


class UnitList(BaseModel):
    items: list[UnitLine]


def area_line(entry: AreaEntry) -> AreaLine:
    return AreaLine(
        code=entry.code,
        name=entry.name,
        level=entry.level.value,
        parent_code=entry.parent_code,
        lng=entry.lng,
        lat=entry.lat,
    )


def place_line(tree: AreaTree, entry: AreaEntry, *, understood: Place | None = None, typed: str = "") -> PlaceLine:
    """An area with those around it, as far down as its own level; `understood` of `typed` words, or found by name."""
    lng, lat = (understood.lng, understood.lat) if understood and understood.lng else (entry.lng, entry.lat)
    around = {each.level: AreaName(code=each.code, name=each.name) for each in tree.path(entry.code)}
    return PlaceLine(
        level=entry.level.value,
        code=entry.code,
        name=entry.name,
        text=understood.text if understood else entry.name,
        start=understood.start if understood else 0,
        end=understood.end if understood else 0,
        confidence=understood.confidence if understood else 1.0,
        address=_today(typed, understood) if understood else typed or entry.name,
        note=understood.note if understood else "",
        district=around.get(Level.DISTRICT),
        street=around.get(Level.STREET),
        community=around.get(Level.COMMUNITY),
        lng=lng,
        lat=lat,
    )


def _today(typed: str, place: Place) -> str:
    return typed[: place.start] + (place.address or place.text) + typed[place.end :]


def unit_line(unit: Unit) -> UnitLine:
    return UnitLine(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        unit_type=unit.unit_type,
        level=unit.level,
        area_code=unit.area_code,
        channel=unit.channel,
        is_active=unit.is_active,
    )
