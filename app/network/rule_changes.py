"""Changing routing rules and their order. Rules are switched off, never deleted: old cases name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_, update

from app.accounts.roles import Principal
from app.db import session
from app.errors import Conflict, Invalid
from app.network import queries
from app.network.changes import must_administer, same_version, tell
from app.network.models import RoutingRule, Unit
from app.network.routing import ANYTHING, SubjectKind
from app.network.whens import ALWAYS, When
from telephony.numbers import mask, normalise

# Room between neighbours, so that a rule can be put between two others without touching either.
GAP = 10
MOST_CO_UNITS = 5
WHEN_FIELDS = tuple(each.name for each in fields_of(When))


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
    when: When = ALWAYS
    co_unit_ids: tuple[int, ...] = ()
    crew: str = ""
    duty_phone: str = ""


def add_rule(actor: Principal, fields: RuleFields) -> RoutingRule:
    must_administer(actor)
    check_rule(fields)
    row = RoutingRule(position=fields.position or _last_position() + GAP)
    _fill_rule(row, fields)
    _make_room(row.position, None)
    session().add(row)
    session().flush()
    tell(actor, "rule.added", ("rule", row.id), {"rule": _told_rule(row)}, stamp="routing")
    return row


def change_rule(actor: Principal, rule_id: int, version: int, fields: RuleFields) -> RoutingRule:
    must_administer(actor)
    row = queries.rule(rule_id)
    same_version(row.version, version)
    check_rule(fields)
    before = _told_rule(row)
    if fields.position is not None and fields.position != row.position:
        _make_room(fields.position, row.id)
        row.position = fields.position
    _fill_rule(row, fields)
    session().flush()
    tell(actor, "rule.changed", ("rule", row.id), {"rule": _told_rule(row), "before": before}, stamp="routing")
    return row


def switch_rule(actor: Principal, rule_id: int, version: int, *, is_active: bool) -> RoutingRule:
    """Rules are switched off, never deleted: old cases name them."""
    must_administer(actor)
    row = queries.rule(rule_id)
    same_version(row.version, version)
    if row.is_active == is_active:
        raise Conflict("规则已经启用" if is_active else "规则已经停用")
    row.is_active = is_active
    session().flush()
    kind = "rule.enabled" if is_active else "rule.disabled"
    tell(actor, kind, ("rule", row.id), {"rule": _told_rule(row)}, stamp="routing")
    return row


def move_rule(actor: Principal, rule_id: int, version: int, *, up: bool) -> RoutingRule:
    """Change places with the nearest rule before or behind it."""
    must_administer(actor)
    row = queries.rule(rule_id)
    same_version(row.version, version)
    other = session().scalar(_neighbour(row, up=up))
    if other is None:
        raise Conflict("规则已经在最前面" if up else "规则已经在最后面")
    before = _told_rule(row)
    if other.position == row.position:
        other.position += 1 if up else -1
    else:
        row.position, other.position = other.position, row.position
    session().flush()
    tell(actor, "rule.moved", ("rule", row.id), {"rule": _told_rule(row), "before": before}, stamp="routing")
    return row


def _neighbour(row: RoutingRule, *, up: bool) -> Select[RoutingRule]:
    order = tuple_(RoutingRule.position, RoutingRule.id)
    mine = tuple_(literal(row.position), literal(row.id))
    query = select(RoutingRule).where(order < mine if up else order > mine).limit(1)
    columns = (RoutingRule.position, RoutingRule.id)
    return query.order_by(*(each.desc() for each in columns) if up else columns)


def replace_rules(actor: Principal, wanted: Sequence[tuple[int, RuleFields]]) -> tuple[int, int, int]:
    """A whole new set in one step: id 0 is added, others become as told, the rest is switched off.

    Returns how many were added, changed and switched off. The rows are checked by `check_rule` before.
    """
    must_administer(actor)
    rows = {each.id: each for each in session().scalars(select(RoutingRule))}
    before = {rule_id: _told_rule(row) for rule_id, row in rows.items()}
    added = [RoutingRule() for rule_id, _ in wanted if not rule_id]
    new = iter(added)
    for rule_id, fields in wanted:
        row = rows[rule_id] if rule_id else next(new)
        row.position = fields.position or 0
        _fill_rule(row, fields)
    for rule_id in set(rows) - {rule_id for rule_id, _ in wanted}:
        rows[rule_id].is_active = False
    session().add_all(added)
    session().flush()
    changed = [row for rule_id, row in rows.items() if _told_rule(row) != before[rule_id]]
    off = [row for row in changed if before[row.id]["is_active"] and not row.is_active]
    lines = [
        {"code": str(row.position), "name": row.subject, "condition_no": "", "before": old, "after": now}
        for row in [*added, *changed][:200]
        for old, now in [_in_short(before.get(row.id), _told_rule(row))]
    ]
    told = {"added": len(added), "changed": len(changed) - len(off), "off": len(off), "changes": lines}
    tell(actor, "rule.imported", ("rules", 0), told, stamp="routing")
    return len(added), len(changed) - len(off), len(off)


def _in_short(before: dict[str, Any] | None, after: dict[str, Any]) -> tuple[str, str]:
    """Only the fields that changed, as words for the audit."""
    if before is None:
        return "", "新增"
    names = [name for name in after if before[name] != after[name]]
    return tuple("，".join(f"{name}={row[name]}" for name in names) for row in (before, after))  # type: ignore[return-value]


def check_rule(fields: RuleFields) -> None:
    """One that is switched off may name units that are, too."""
    faults = {}
    if not fields.subject.strip():
        faults["subject"] = "请填写规则针对的类别或单位类型"
    if fields.subject_kind is SubjectKind.ANY and fields.subject != ANYTHING:
        faults["subject"] = f"针对全部案件的规则请填写 {ANYTHING}"
    if fields.area_code and queries.areas().find(fields.area_code) is None:
        faults["area_code"] = "区域不存在"
    unit = session().get(Unit, fields.unit_id)
    if unit is None or (fields.is_active and not unit.is_active):
        faults["unit_id"] = "单位不存在或已停用"
    if fields.valid_from and fields.valid_to and fields.valid_to < fields.valid_from:
        faults["valid_to"] = "失效日期早于生效日期"
    if fields.position is not None and fields.position < 1:
        faults["position"] = "序号从 1 开始"
    faults |= _check_hands(fields)
    if faults:
        raise Invalid("规则有误：" + "；".join(faults.values()), fields=faults)
    fields.when.check()


def _check_hands(fields: RuleFields) -> dict[str, str]:
    """Co-units, crew and duty telephone."""
    faults = {}
    ids = set(fields.co_unit_ids)
    if len(ids) > MOST_CO_UNITS or fields.unit_id in ids:
        faults["co_unit_ids"] = f"协办单位最多 {MOST_CO_UNITS} 个，且不能是主办单位"
    elif fields.is_active and ids and session().scalar(_count_working(ids)) != len(ids):
        faults["co_unit_ids"] = "协办单位不存在或已停用"
    if fields.duty_phone.strip() and normalise(fields.duty_phone) is None:
        faults["duty_phone"] = "不是有效的电话号码"
    if len(fields.crew) > 80:
        faults["crew"] = "班组名称最多 80 个字"
    return faults


def _count_working(unit_ids: set[int]) -> Select[int]:
    return select(func.count()).where(Unit.id.in_(unit_ids), Unit.is_active)


def _fill_rule(row: RoutingRule, fields: RuleFields) -> None:
    row.area_code, row.subject_kind = fields.area_code, fields.subject_kind.value
    row.subject, row.unit_id = fields.subject.strip(), fields.unit_id
    row.valid_from, row.valid_to = fields.valid_from, fields.valid_to
    row.note, row.is_active, row.crew = fields.note.strip(), fields.is_active, fields.crew.strip()
    row.co_unit_ids = list(dict.fromkeys(fields.co_unit_ids))
    row.duty_phone = normalise(fields.duty_phone) if fields.duty_phone.strip() else None
    for name in WHEN_FIELDS:
        setattr(row, name, getattr(fields.when, name))


def _make_room(position: int, own_id: int | None) -> None:
    """Whoever stands at the place and everyone behind move back by one; with gaps this is rare."""
    taken = select(RoutingRule.id).where(RoutingRule.position == position, RoutingRule.id != (own_id or 0))
    if session().scalar(taken.limit(1)) is not None:
        behind = update(RoutingRule).where(RoutingRule.position >= position, RoutingRule.id != (own_id or 0))
        session().execute(behind.values(position=RoutingRule.position + 1))


def _last_position() -> int:
    return session().scalar(select(func.max(RoutingRule.position))) or 0


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
        "when": queries.when_of(row).text,
        "co_unit_ids": list(row.co_unit_ids),
        "crew": row.crew,
        "duty_phone": mask(row.duty_phone) if row.duty_phone else "",
        "note": row.note,
    }
