"""The rules in force: the edited ones, or the defaults until somebody edits one."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.roles import Permission, Principal
from app.db import session
from app.errors import Forbidden, Invalid, NotFound, StaleVersion
from app.events.service import record
from app.incidents.models import IncidentRule
from app.incidents.rules import DEFAULT_RULES, Level, Rule

AUDIENCE = ("administrators",)
MOST_PEOPLE, LONGEST = 500, 24 * 60
_CODES = re.compile(r"[CE](?:\d{2}|\d{4})")


def rows() -> Sequence[IncidentRule]:
    """Empty: the default rules hold."""
    return session().scalars(select(IncidentRule).order_by(IncidentRule.place, IncidentRule.id)).all()


def rules() -> tuple[Rule, ...]:
    edited = rows()
    return tuple(map(_rule, edited)) if edited else DEFAULT_RULES


def change(actor: Principal, wanted: Rule, version: int) -> None:
    """The first edit writes the defaults down. `version` 0: the person saw the defaults."""
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改集中事件规则")
    _check(wanted)
    if not rows():
        _write_defaults()
        version = version or 1
    row = session().scalar(select(IncidentRule).where(IncidentRule.key == wanted.key))
    if row is None:
        raise NotFound("没有这条规则")
    if row.version != version:
        raise StaleVersion("规则已被他人修改，请刷新后再改", version=row.version)
    row.classes, row.level, row.people = list(wanted.classes), wanted.level.value, wanted.people
    row.minutes, row.spoken, row.is_active = wanted.minutes, wanted.spoken, wanted.is_active
    session().flush()
    payload = {
        "key": row.key,
        "classes": row.classes,
        "level": row.level,
        "people": row.people,
        "minutes": row.minutes,
        "is_active": row.is_active,
        "by": actor.name,
    }
    record(
        "incident.rule_changed",
        subject=("incident_rule", row.id),
        audience=AUDIENCE,
        payload=payload,
        actor_id=actor.id,
    )


def _check(rule: Rule) -> None:
    faults = {}
    if not 2 <= rule.people <= MOST_PEOPLE:
        faults["people"] = f"请填 2 至 {MOST_PEOPLE}"
    if not 1 <= rule.minutes <= LONGEST:
        faults["minutes"] = f"请填 1 至 {LONGEST}"
    if not all(_CODES.fullmatch(code) for code in rule.classes):
        faults["classes"] = "类别代码如 E0402，或大类 E04，以空格分开"
    if rule.key == "other" and rule.classes:
        faults["classes"] = "这一条按小类各自计数，不能指定类别"
    if rule.key != "other" and not rule.classes:
        faults["classes"] = "请填类别代码"
    if faults:
        raise Invalid("请核对各项", fields=faults)


def _write_defaults() -> None:
    for place, rule in enumerate(DEFAULT_RULES):
        session().add(
            IncidentRule(
                key=rule.key,
                place=place,
                name=rule.name,
                spoken=rule.spoken,
                classes=list(rule.classes),
                level=rule.level.value,
                people=rule.people,
                minutes=rule.minutes,
            )
        )
    session().flush()


def _rule(row: IncidentRule) -> Rule:
    level = Level(row.level)
    return Rule(row.key, row.name, tuple(row.classes), level, row.people, row.minutes, row.spoken, row.is_active)
