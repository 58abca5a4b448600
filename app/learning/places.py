"""Names a city adds to the gazetteer, found in the next text that holds them."""

from dataclasses import asdict, dataclass
from datetime import date

from app.accounts.roles import Permission, Principal
from app.db import session
from app.errors import Forbidden, Invalid, StaleVersion
from app.events.service import record
from app.learning import queries
from app.learning.models import CityPlace
from app.learning.stamping import AUDIENCE, renew
from app.learning.terms import Stamp
from app.network.queries import areas
from nlp.types import PlaceKind

KINDS = (PlaceKind.ROAD, PlaceKind.LANDMARK, PlaceKind.STOP, PlaceKind.AREA)
MOST_ALIASES = 10
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class PlaceFields:
    """What an administrator fills in; `area_code` of the finest area known, 6, 9 or 12 digits."""

    name: str
    kind: str
    area_code: str
    aliases: tuple[str, ...] = ()
    lng: float | None = None
    lat: float | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""
    is_active: bool = True


def add(actor: Principal, fields: PlaceFields) -> CityPlace:
    _must_administer(actor)
    _check(fields)
    row = CityPlace()
    _fill(row, fields)
    session().add(row)
    session().flush()
    _changed(actor, "place.added", row, {})
    return row


def change(actor: Principal, place_id: int, version: int, fields: PlaceFields) -> CityPlace:
    _must_administer(actor)
    row = queries.place(place_id)
    if row.version != version:
        raise StaleVersion("地名已被他人修改，请刷新后再改", version=row.version)
    _check(fields)
    before = _told(row)
    _fill(row, fields)
    session().flush()
    _changed(actor, "place.changed", row, {"before": before})
    return row


def _check(fields: PlaceFields) -> None:
    faults = {}
    if not 2 <= len(fields.name.strip()) <= LONGEST_NAME:
        faults["name"] = f"名称为 2–{LONGEST_NAME} 个字"
    if fields.kind not in KINDS:
        faults["kind"] = "请选择类型"
    if len(fields.area_code) < 6 or areas().find(fields.area_code) is None:
        faults["area_code"] = "请选择所在区、街道或社区"
    if len(fields.aliases) > MOST_ALIASES or any(not 2 <= len(each) <= LONGEST_NAME for each in fields.aliases):
        faults["aliases"] = f"最多 {MOST_ALIASES} 个别名，每个 2–{LONGEST_NAME} 个字"
    if (fields.lng is None) != (fields.lat is None) or not _is_here(fields):
        faults["lng"] = "经纬度应在宁波范围内，且同时填写"
    if fields.valid_from and fields.valid_until and fields.valid_until < fields.valid_from:
        faults["valid_until"] = "失效日期早于生效日期"
    if faults:
        raise Invalid("地名有误：" + "；".join(faults.values()), fields=faults)


def _is_here(fields: PlaceFields) -> bool:
    """The same box that a case's pin must lie in."""
    if fields.lng is None or fields.lat is None:
        return True
    return 120.0 <= fields.lng <= 123.0 and 28.5 <= fields.lat <= 31.0


def _fill(row: CityPlace, fields: PlaceFields) -> None:
    for name, value in asdict(fields).items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    row.aliases = list(fields.aliases)


def _told(row: CityPlace) -> dict[str, object]:
    return {
        "name": row.name,
        "kind": row.kind,
        "area_code": row.area_code,
        "aliases": "、".join(row.aliases),
        "lng": row.lng,
        "lat": row.lat,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "note": row.note,
        "is_active": row.is_active,
    }


def _changed(actor: Principal, kind: str, row: CityPlace, more: dict[str, object]) -> None:
    renew(Stamp.PLACES)
    record(
        kind,
        subject=("place", row.id),
        audience=AUDIENCE,
        payload={"by": actor.name, "place": _told(row), **more},
        actor_id=actor.id,
    )


def _must_administer(actor: Principal) -> None:
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改地名")
