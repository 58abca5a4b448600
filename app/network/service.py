"""Changing units and routing rules. Each change is an event and renews the stamp by which processes drop the index."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from app.accounts.roles import Permission, Principal, Role
from app.db import session
from app.errors import Conflict, Forbidden, Invalid, StaleVersion
from app.events.service import record
from app.network import queries
from app.network.areas import Level
from app.network.models import NetworkStamp, RoutingRule, Unit
from app.network.routing import ANYTHING, SubjectKind
from app.network.unit_types import CITY_CENTRE, Channel, UnitLevel
from telephony.numbers import mask, normalise

AUDIENCE = ("administrators",)
# Room between neighbours, so that a rule can be put between two others without touching either.
GAP = 10
_LEVELS = {
    UnitLevel.CITY: Level.CITY,
    UnitLevel.DISTRICT: Level.DISTRICT,
    UnitLevel.STREET: Level.STREET,
}


@dataclass(frozen=True, slots=True)
class UnitFields:
    """What an administrator fills in. `parent_id`: the unit above, if any."""

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


@dataclass(frozen=True, slots=True)
class RuleFields:
    """`position` None puts a new rule last and leaves an old one where it is."""

    subject_kind: SubjectKind
    subject: str
    unit_id: int
    area_code: str = ""
    position: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    is_active: bool = True


def add_unit(actor: Principal, fields: UnitFields) -> Unit:
    _must_administer(actor)
    phone = _check_unit(fields, None)
    row = Unit()
    _fill_unit(row, fields, phone)
    session().add(row)
    session().flush()
    _changed(actor, "unit.added", ("unit", row.id), {"unit": _told(row)})
    return row


def change_unit(actor: Principal, unit_id: int, version: int, fields: UnitFields) -> Unit:
    _must_administer(actor)
    row = queries.unit(unit_id)
    _same_version(row.version, version)
    phone = _check_unit(fields, row)
    before = _told(row)
    _fill_unit(row, fields, phone)
    session().flush()
    _changed(actor, "unit.changed", ("unit", row.id), {"unit": _told(row), "before": before})
    return row


def add_rule(actor: Principal, fields: RuleFields) -> RoutingRule:
    _must_administer(actor)
    _check_rule(fields)
    row = RoutingRule(position=fields.position or _last_position() + GAP)
    _fill_rule(row, fields)
    _make_room(row.position, None)
    session().add(row)
    session().flush()
    _changed(actor, "rule.added", ("rule", row.id), {"rule": _told_rule(row)})
    return row


def change_rule(actor: Principal, rule_id: int, version: int, fields: RuleFields) -> RoutingRule:
    _must_administer(actor)
    row = queries.rule(rule_id)
    _same_version(row.version, version)
    _check_rule(fields)
    before = _told_rule(row)
    if fields.position is not None and fields.position != row.position:
        _make_room(fields.position, row.id)
        row.position = fields.position
    _fill_rule(row, fields)
    session().flush()
    _changed(actor, "rule.changed", ("rule", row.id), {"rule": _told_rule(row), "before": before})
    return row


def switch_rule(actor: Principal, rule_id: int, version: int, *, is_active: bool) -> RoutingRule:
    """Rules are switched off, never deleted: old cases name them."""
    _must_administer(actor)
    row = queries.rule(rule_id)
    _same_version(row.version, version)
    if row.is_active == is_active:
        raise Conflict("规则已经启用" if is_active else "规则已经停用")
    row.is_active = is_active
    session().flush()
    kind = "rule.enabled" if is_active else "rule.disabled"
    _changed(actor, kind, ("rule", row.id), {"rule": _told_rule(row)})
    return row


def renew_stamp(name: str) -> None:
    """Needed after bulk writes past this module; the functions here do it themselves."""
    row = session().get(NetworkStamp, name) or NetworkStamp(name=name)
    row.stamp = secrets.token_hex(16)
    session().add(row)
    session().flush()
    queries.forget()


def _check_unit(fields: UnitFields, row: Unit | None) -> str | None:
    """Raises Invalid with a message per field; returns the duty phone in its one spelling."""
    faults = {name: "不能为空" for name in ("code", "name", "unit_type") if not getattr(fields, name).strip()}
    area = queries.areas().find(fields.area_code)
    if area is None or area.level is not _LEVELS[fields.level]:
        faults["area_code"] = "区域不存在，或与单位级别不符"
    phone = normalise(fields.duty_phone) if fields.duty_phone.strip() else None
    if fields.duty_phone.strip() and phone is None:
        faults["duty_phone"] = "不是有效的电话号码"
    if fields.channel in (Channel.SMS, Channel.TELEPHONE) and phone is None:
        faults.setdefault("duty_phone", "通过短信或电话接单的单位必须有值班电话")
    faults |= _check_parent(fields, row) | _check_unique(fields, row)
    if faults:
        raise Invalid("单位信息有误：" + "；".join(faults.values()), fields=faults)
    if row is not None and row.unit_type == CITY_CENTRE:
        _keep_a_city_centre(fields, row)
    return phone


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
    for name, label in (("code", "编码"), ("name", "名称")):
        taken = session().scalar(select(Unit.id).where(getattr(Unit, name) == getattr(fields, name).strip()))
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


def _fill_unit(row: Unit, fields: UnitFields, phone: str | None) -> None:
    row.code, row.name, row.unit_type = fields.code.strip(), fields.name.strip(), fields.unit_type.strip()
    row.level, row.area_code, row.parent_id = fields.level.value, fields.area_code, fields.parent_id
    row.duty_phone, row.contact, row.channel = phone, fields.contact.strip(), fields.channel.value
    row.is_active = fields.is_active


def _check_rule(fields: RuleFields) -> None:
    faults = {}
    if not fields.subject.strip():
        faults["subject"] = "请填写规则针对的类别或单位类型"
    if fields.subject_kind is SubjectKind.ANY and fields.subject != ANYTHING:
        faults["subject"] = f"针对全部案件的规则请填写 {ANYTHING}"
    if fields.area_code and queries.areas().find(fields.area_code) is None:
        faults["area_code"] = "区域不存在"
    unit = session().get(Unit, fields.unit_id)
    if unit is None or not unit.is_active:
        faults["unit_id"] = "单位不存在或已停用"
    if fields.valid_from and fields.valid_to and fields.valid_to < fields.valid_from:
        faults["valid_to"] = "失效日期早于生效日期"
    if fields.position is not None and fields.position < 1:
        faults["position"] = "序号从 1 开始"
    if faults:
        raise Invalid("规则有误：" + "；".join(faults.values()), fields=faults)


def _fill_rule(row: RoutingRule, fields: RuleFields) -> None:
    row.area_code, row.subject_kind = fields.area_code, fields.subject_kind.value
    row.subject, row.unit_id = fields.subject.strip(), fields.unit_id
    row.valid_from, row.valid_to = fields.valid_from, fields.valid_to
    row.note, row.is_active = fields.note.strip(), fields.is_active


def _make_room(position: int, own_id: int | None) -> None:
    """Whoever stands at the place and everyone behind move back by one; with gaps this is rare."""
    taken = select(RoutingRule.id).where(RoutingRule.position == position, RoutingRule.id != (own_id or 0))
    if session().scalar(taken.limit(1)) is not None:
        behind = update(RoutingRule).where(RoutingRule.position >= position, RoutingRule.id != (own_id or 0))
        session().execute(behind.values(position=RoutingRule.position + 1))


def _last_position() -> int:
    return session().scalar(select(func.max(RoutingRule.position))) or 0


def _told(row: Unit) -> dict[str, Any]:
    """What the event says of a unit: its telephone only masked."""
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "unit_type": row.unit_type,
        "area_code": row.area_code,
        "duty_phone": mask(row.duty_phone) if row.duty_phone else "",
        "channel": row.channel,
        "is_active": row.is_active,
    }


def _told_rule(row: RoutingRule) -> dict[str, Any]:
    return {
        "id": row.id,
        "position": row.position,
        "area_code": row.area_code,
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "unit_id": row.unit_id,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "is_active": row.is_active,
    }


def _changed(actor: Principal, kind: str, subject: tuple[str, int], payload: dict[str, Any]) -> None:
    record(kind, subject=subject, audience=AUDIENCE, payload={"by": actor.name, **payload}, actor_id=actor.id)
    renew_stamp("routing")


def _same_version(current: int, seen: int) -> None:
    if current != seen:
        raise StaleVersion("内容已被他人修改，请刷新后再改", version=current)


def _must_administer(actor: Principal) -> None:
    if Role.SYSTEM not in actor.roles and not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改单位和派遣规则")
