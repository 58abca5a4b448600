"""Changing units: who they are, how they are reached, who answers for them."""

from dataclasses import dataclass
from typing import Any

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select

from app.accounts.roles import Principal
from app.db import session
from app.errors import Conflict, Invalid
from app.network import queries
from app.network.areas import Level
from app.network.changes import must_administer, same_version, tell
from app.network.models import Unit
from app.network.unit_types import CITY_CENTRE, Channel, UnitLevel
from telephony.numbers import is_mobile, mask, normalise

PHONES = ("duty_phone", "night_phone", "head_phone", "leader_phone")
_TEXTS = ("code", "name", "unit_type", "contact", "head_name", "leader_name")
_LEVELS = {
    UnitLevel.CITY: Level.CITY,
    UnitLevel.DISTRICT: Level.DISTRICT,
    UnitLevel.STREET: Level.STREET,
}
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class UnitFields:
    """What an administrator fills in. `parent_id`: the unit above, if any. `pin`: "" keeps the one there is."""

    code: str
    name: str
    unit_type: str
    level: UnitLevel
    area_code: str
    parent_id: int | None = None
    duty_phone: str = ""
    contact: str = ""
    channel: Channel = Channel.WEB
    is_active: bool = True
    night_phone: str = ""
    head_name: str = ""
    head_phone: str = ""
    leader_name: str = ""
    leader_phone: str = ""
    short_code: str = ""
    pin: str = ""


def add_unit(actor: Principal, fields: UnitFields, *, pin_follows: bool = False) -> Unit:
    """`pin_follows`: from a table, which holds no PINs; the unit is not rung before it has one."""
    must_administer(actor)
    phones = check_unit(fields, None, pin_follows=pin_follows)
    row = Unit()
    _fill(row, fields, phones)
    session().add(row)
    session().flush()
    tell(actor, "unit.added", ("unit", row.id), {"unit": _told(row)}, stamp="routing")
    return row


def change_unit(actor: Principal, unit_id: int, version: int, fields: UnitFields, *, pin_follows: bool = False) -> Unit:
    must_administer(actor)
    row = queries.unit(unit_id)
    same_version(row.version, version)
    phones = check_unit(fields, row, pin_follows=pin_follows)
    before, pin = _told(row), row.pin_hash
    _fill(row, fields, phones)
    session().flush()
    payload = {"unit": _told(row), "before": before, "pin_changed": row.pin_hash != pin}
    tell(actor, "unit.changed", ("unit", row.id), payload, stamp="routing")
    return row


def set_channel(actor: Principal, unit_id: int, version: int, channel: Channel, pin: str = "") -> Unit:
    """How the unit is reached. `pin` "" keeps the one there is; by telephone nobody can answer without one."""
    must_administer(actor)
    row = queries.unit(unit_id)
    same_version(row.version, version)
    faults = _check_pin(pin) | _check_way(channel, row.duty_phone, bool(pin or row.pin_hash))
    if faults:
        raise Invalid("；".join(faults.values()), fields=faults)
    before = _told(row)
    row.channel = channel.value
    if pin:
        row.pin_hash = hash_pin(pin)
    session().flush()
    payload = {"unit": _told(row), "before": before, "pin_changed": bool(pin)}
    tell(actor, "unit.changed", ("unit", row.id), payload, stamp="routing")
    return row


def knows_pin(unit: Unit, pin: str) -> bool:
    """Whether the keys pressed on the telephone are the unit's PIN."""
    stored = unit.pin_hash
    if not stored:
        return False
    # argon2 is 125 ms of pure C: on gevent's hub it would stop every call and console meanwhile.
    return bool(gevent.get_hub().threadpool.apply(_verify, (stored, pin)))


def cannot_answer(unit: Unit) -> bool:
    """Brought in by a table as one that works by telephone, and nobody has set its PIN yet."""
    return unit.channel == Channel.TELEPHONE and not unit.pin_hash


def hash_pin(pin: str) -> str:
    return _hasher.hash(pin)


def _verify(stored: str, pin: str) -> bool:
    try:
        return _hasher.verify(stored, pin)
    except (VerificationError, InvalidHashError):
        return False


def check_unit(fields: UnitFields, row: Unit | None, *, pin_follows: bool) -> dict[str, str | None]:
    """Raises Invalid with a message per field; returns the telephones in their one spelling."""
    faults = {name: "不能为空" for name in ("code", "name", "unit_type") if not getattr(fields, name).strip()}
    area = queries.areas().find(fields.area_code)
    if area is None or area.level is not _LEVELS[fields.level]:
        faults["area_code"] = "区域不存在，或与单位级别不符"
    phones = {name: normalise(getattr(fields, name)) if getattr(fields, name).strip() else None for name in PHONES}
    faults |= {name: "不是有效的电话号码" for name in PHONES if getattr(fields, name).strip() and phones[name] is None}
    has_pin = bool(fields.pin or (row is not None and row.pin_hash) or pin_follows)
    faults = _check_way(fields.channel, phones["duty_phone"], has_pin) | faults
    faults |= _check_codes(fields, row) | _check_parent(fields, row) | _check_unique(fields, row)
    if faults:
        raise Invalid("单位信息有误：" + "；".join(faults.values()), fields=faults)
    if row is not None and row.unit_type == CITY_CENTRE:
        _keep_a_city_centre(fields, row)
    return phones


def _check_way(channel: Channel, duty_phone: str | None, has_pin: bool) -> dict[str, str]:
    """Whether the unit can be reached in this way, and can answer."""
    faults = {}
    if channel in (Channel.SMS, Channel.TELEPHONE) and not duty_phone:
        faults["duty_phone"] = "通过短信或电话接单的单位必须有值班电话"
    elif channel is Channel.SMS and not is_mobile(duty_phone):
        faults["duty_phone"] = "通过短信接单的单位，值班电话须是手机号码"
    if channel is Channel.TELEPHONE and not has_pin:
        faults["pin"] = "通过电话接单的单位必须设置 PIN"
    return faults


def _check_codes(fields: UnitFields, row: Unit | None) -> dict[str, str]:
    faults = {}
    code = fields.short_code.strip()
    if code and not (code.isascii() and code.isdecimal() and 3 <= len(code) <= 6):
        faults["short_code"] = "短码是 3 到 6 位数字"
    return faults | _check_pin(fields.pin)


def _check_pin(pin: str) -> dict[str, str]:
    if pin and not (pin.isascii() and pin.isdecimal() and 4 <= len(pin) <= 8):
        return {"pin": "PIN 是 4 到 8 位数字"}
    return {"pin": "PIN 不能是同一个数字"} if pin and len(set(pin)) == 1 else {}


def _check_parent(fields: UnitFields, row: Unit | None) -> dict[str, str]:
    if fields.parent_id is None:
        return {}
    if session().get(Unit, fields.parent_id) is None:
        return {"parent_id": "上级单位不存在"}
    above: int | None = fields.parent_id
    while row is not None and above is not None:
        if above == row.id:
            return {"parent_id": "单位不能隶属于自己或自己的下级"}
        above = session().scalar(select(Unit.parent_id).where(Unit.id == above))
    return {}


def _check_unique(fields: UnitFields, row: Unit | None) -> dict[str, str]:
    faults = {}
    for name, label in (("code", "编码"), ("name", "名称"), ("short_code", "短码")):
        value = getattr(fields, name).strip()
        taken = session().scalar(select(Unit.id).where(getattr(Unit, name) == value)) if value else None
        if taken is not None and (row is None or taken != row.id):
            faults[name] = f"{label}已被使用"
    return faults


def _keep_a_city_centre(fields: UnitFields, row: Unit) -> None:
    if fields.is_active and fields.unit_type == CITY_CENTRE:
        return
    others = (
        select(func.count()).select_from(Unit).where(Unit.unit_type == CITY_CENTRE, Unit.is_active, Unit.id != row.id)
    )
    if not session().scalar(others):
        raise Conflict("这是最后一个市级指挥中心：停用后会有案件无处派遣")


def _fill(row: Unit, fields: UnitFields, phones: dict[str, str | None]) -> None:
    for name in _TEXTS:
        setattr(row, name, getattr(fields, name).strip())
    for name, phone in phones.items():
        setattr(row, name, phone)
    row.level, row.area_code, row.parent_id = fields.level.value, fields.area_code, fields.parent_id
    row.channel, row.is_active = fields.channel.value, fields.is_active
    row.short_code = fields.short_code.strip() or None
    if fields.pin:
        row.pin_hash = hash_pin(fields.pin)


def _told(row: Unit) -> dict[str, Any]:
    """What the event says of a unit: its telephones only masked, of its PIN nothing."""
    plain = ("id", "code", "name", "unit_type", "area_code", "channel", "head_name", "leader_name", "is_active")
    phones = {name: mask(getattr(row, name)) if getattr(row, name) else "" for name in PHONES}
    return {**{name: getattr(row, name) for name in plain}, **phones, "short_code": row.short_code or ""}
