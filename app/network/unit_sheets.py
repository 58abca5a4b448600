"""Units as a table. A unit is known by its code; what the file does not name stays as it is. PINs never leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.network.models import Unit
from app.network.unit_changes import PHONES, UnitFields
from app.network.unit_types import Channel, UnitLevel
from app.tables import BadRow, Column, Row, refuse
from telephony.numbers import mask, normalise

COLUMNS = (
    Column("code", "编码"),
    Column("name", "名称"),
    Column("unit_type", "单位类型"),
    Column("level", "级别"),
    Column("area_code", "区域编码"),
    Column("parent", "上级单位", required=False),
    Column("channel", "接单方式", required=False),
    Column("contact", "联系人", required=False),
    Column("duty_phone", "值班电话", required=False),
    Column("night_phone", "夜间电话", required=False),
    Column("head_name", "负责人", required=False),
    Column("head_phone", "负责人电话", required=False),
    Column("leader_name", "分管领导", required=False),
    Column("leader_phone", "分管领导电话", required=False),
    Column("short_code", "短码", required=False),
    Column("state", "状态", required=False),
)
_LEVELS = {"市级": UnitLevel.CITY, "区级": UnitLevel.DISTRICT, "街道级": UnitLevel.STREET}
_CHANNELS = {"网页": Channel.WEB, "接口": Channel.API, "短信": Channel.SMS, "电话": Channel.TELEPHONE}
_SAID = {member: word for words in (_LEVELS, _CHANNELS) for word, member in words.items()}
_LONGEST = {"code": 20, "name": 80, "unit_type": 40, "contact": 40, "head_name": 40, "leader_name": 40}


@dataclass(frozen=True, slots=True)
class WantedUnit:
    """`parent`: the code of the unit above, which may be a row of the same file."""

    line: int
    fields: UnitFields
    parent: str


def rows_of(units: Iterable[Unit]) -> dict[str, Row]:
    known = list(units)
    codes = {each.id: each.code for each in known}
    return {each.code: _row(each, codes) for each in known}


def rows_of_wanted(wanted: Iterable[WantedUnit]) -> dict[str, Row]:
    return {each.fields.code: _wanted_row(each) for each in wanted}


def read_units(rows: Sequence[tuple[int, Row]], known: Iterable[Unit]) -> list[WantedUnit]:
    """Raises Invalid with every bad row; what only the database knows is checked when it is written."""
    faults: list[BadRow] = []
    units = {each.code: each for each in known}
    codes = set(units) | {row["code"] for _, row in rows}
    wanted: dict[str, WantedUnit] = {}
    names: dict[str, int] = {}
    for line, row in rows:
        try:
            unit = WantedUnit(line, _parse(row, units.get(row["code"])), row["parent"])
            if row["code"] in wanted:
                raise ValueError(f"编码 {row['code']} 与第 {wanted[row['code']].line} 行重复")
            if row["name"] in names:
                raise ValueError(f"名称与第 {names[row['name']]} 行重复")
            if row["parent"] and (row["parent"] not in codes or row["parent"] == row["code"]):
                raise ValueError(f"没有上级单位“{row['parent'][:20]}”")
        except ValueError as error:
            faults.append(BadRow(line, str(error)))
            continue
        wanted[row["code"]], names[row["name"]] = unit, line
    if not rows:
        faults.append(BadRow(0, "表中没有任何单位"))
    refuse(faults)
    return _parents_first(list(wanted.values()))


def _parents_first(wanted: list[WantedUnit]) -> list[WantedUnit]:
    by_code = {each.fields.code: each for each in wanted}
    ordered: dict[str, WantedUnit] = {}

    def put(unit: WantedUnit, below: frozenset[str]) -> None:
        code = unit.fields.code
        if code in below:
            refuse([BadRow(unit.line, "单位不能隶属于自己的下级")])
        if code in ordered:
            return
        if unit.parent in by_code:
            put(by_code[unit.parent], below | {code})
        ordered[code] = unit

    for each in wanted:
        put(each, frozenset())
    return list(ordered.values())


def _parse(row: Row, old: Unit | None) -> UnitFields:
    for column in COLUMNS:
        if column.required and not row[column.name]:
            raise ValueError(f"“{column.heading}”不能为空")
        if len(row[column.name]) > _LONGEST.get(column.name, 40):
            raise ValueError(f"“{column.heading}”最多 {_LONGEST.get(column.name, 40)} 个字")
    if row["state"] not in ("", "启用", "停用"):
        raise ValueError("“状态”只能是 启用 或 停用")
    level = _LEVELS.get(row["level"]) or (UnitLevel(row["level"]) if row["level"] in set(UnitLevel) else None)
    if level is None:
        raise ValueError(f"“级别”只能是 {'、'.join(_LEVELS)}")
    phones = {name: _phone(row[name], getattr(old, name) if old else None) for name in PHONES}
    return UnitFields(
        code=row["code"],
        name=row["name"],
        unit_type=row["unit_type"],
        level=level,
        area_code=row["area_code"],
        contact=row["contact"],
        channel=_channel(row["channel"]),
        is_active=row["state"] != "停用",
        head_name=row["head_name"],
        leader_name=row["leader_name"],
        short_code=row["short_code"],
        duty_phone=phones["duty_phone"],
        night_phone=phones["night_phone"],
        head_phone=phones["head_phone"],
        leader_phone=phones["leader_phone"],
    )


def _channel(text: str) -> Channel:
    found = _CHANNELS.get(text) or (Channel(text) if text in set(Channel) else None)
    if text and found is None:
        raise ValueError(f"“接单方式”只能是 {'、'.join(_CHANNELS)}")
    return found or Channel.WEB


def _phone(text: str, known: str | None) -> str:
    """A number that is masked as it left us is the one we have."""
    if known and text == mask(known):
        return known
    if text and normalise(text) is None:
        raise ValueError(f"“{text[:20]}”不是有效的电话号码")
    return text


def _row(unit: Unit, codes: dict[int, str]) -> Row:
    phones = {name: mask(getattr(unit, name)) if getattr(unit, name) else "" for name in PHONES}
    return {
        **{name: getattr(unit, name) for name in _LONGEST},
        **phones,
        "level": _SAID[UnitLevel(unit.level)],
        "area_code": unit.area_code,
        "parent": codes.get(unit.parent_id or 0, ""),
        "channel": _SAID[Channel(unit.channel)],
        "short_code": unit.short_code or "",
        "state": "启用" if unit.is_active else "停用",
    }


def _wanted_row(wanted: WantedUnit) -> Row:
    fields = wanted.fields
    phones = {name: mask(normalise(getattr(fields, name)) or "") if getattr(fields, name) else "" for name in PHONES}
    return {
        **{name: getattr(fields, name) for name in _LONGEST},
        **phones,
        "level": _SAID[fields.level],
        "area_code": fields.area_code,
        "parent": wanted.parent,
        "channel": _SAID[fields.channel],
        "short_code": fields.short_code,
        "state": "启用" if fields.is_active else "停用",
    }
