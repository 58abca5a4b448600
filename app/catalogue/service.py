"""Changing the catalogue and the calendar. A change of the catalogue is a new version; nothing is edited in place."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import delete, insert, select

from app import clock
from app.accounts.roles import SYSTEM, Permission, Principal, Role
from app.catalogue import queries
from app.catalogue.calendars import DEFAULT_HOURS, CalendarError, Special, WorkCalendar, WorkingHours
from app.catalogue.clocks import Limit
from app.catalogue.entries import Certainty, ClassEntry, Condition
from app.catalogue.importing import SHIPPED_HOLIDAYS, read_catalogue, read_special_days
from app.catalogue.models import Calendar, CaseClass, CatalogueVersion, FilingCondition, SpecialDay, WorkingPeriod
from app.db import session
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.events.service import record

AUDIENCE = ("administrators",)
_LONGEST_LIMIT = 365


@dataclass(frozen=True)
class LimitChange:
    """The new limit of one filing condition."""

    class_code: str
    condition_no: int
    limit: Limit


def add_version(actor: Principal, name: str, entries: Sequence[ClassEntry], note: str = "") -> CatalogueVersion:
    """Put a whole catalogue in force. Cases filed before keep theirs."""
    _must_administer(actor)
    if not entries:
        raise Invalid("目录不能为空")
    newest = queries.newest_version()
    version = CatalogueVersion(
        number=newest.number + 1 if newest else 1,
        name=name,
        note=note,
        stamp=secrets.token_hex(16),
        created_at=clock.now(),
        created_by=actor.id,
    )
    session().add(version)
    session().flush()
    _write(version.id, entries)
    queries.forget()
    return version


def import_version(actor: Principal, name: str, entries: Sequence[ClassEntry]) -> CatalogueVersion:
    version = add_version(actor, name, entries)
    payload = {"by": actor.name, "number": version.number, "name": name, "classes": len(entries)}
    _record(actor, "catalogue.imported", version, payload)
    return version


def change_limits(
    actor: Principal, changes: Sequence[LimitChange], *, based_on: int, note: str = ""
) -> CatalogueVersion:
    """`based_on` is the version number the person was looking at: a newer one in between is a conflict."""
    _must_administer(actor)
    current = queries.catalogue()
    if current.number != based_on:
        raise Conflict("目录已被他人更新，请刷新后再改", number=current.number)
    entries = dict(current.classes)
    lines = []
    for change in changes:
        entry = current.class_of(change.class_code)
        before = entry.condition(change.condition_no)
        _check(change.limit)
        if before.limit != change.limit:
            entries[entry.code] = _with_limit(entries[entry.code], change)
            lines.append(_line(entry, before, change.limit))
    if not lines:
        raise Invalid("没有任何改动")
    newest = queries.newest_version()
    version = add_version(actor, newest.name if newest else "", list(entries.values()), note)
    payload = {"by": actor.name, "number": version.number, "note": note, "changes": lines}
    _record(actor, "catalogue.limits_changed", version, payload)
    return version


def set_special_day(actor: Principal, special: Special, area_code: str = queries.CITY_AREA) -> SpecialDay:
    """Add a holiday or a make-up day, or change the one on that day."""
    _must_administer(actor)
    target = _calendar(area_code)
    row = session().scalar(
        select(SpecialDay).where(SpecialDay.calendar_id == target.id, SpecialDay.day == special.day)
    ) or SpecialDay(calendar_id=target.id, day=special.day)
    row.kind, row.name, row.provisional = special.kind.value, special.name, special.provisional
    session().add(row)
    _touch(actor, target, {"day": special.day.isoformat(), "kind": special.kind.value, "name": special.name})
    return row


def remove_special_day(actor: Principal, day: date, area_code: str = queries.CITY_AREA) -> None:
    _must_administer(actor)
    target = _calendar(area_code)
    found = select(SpecialDay).where(SpecialDay.calendar_id == target.id, SpecialDay.day == day)
    row = session().scalar(found)
    if row is None:
        raise NotFound(f"{day} 不是特殊日")
    session().delete(row)
    _touch(actor, target, {"day": day.isoformat(), "kind": "ordinary", "name": row.name})


def set_working_hours(actor: Principal, hours: Sequence[WorkingHours], area_code: str = queries.CITY_AREA) -> None:
    """Replace the working periods of an area; refused when they overlap or leave no working time."""
    _must_administer(actor)
    _check_hours(hours)
    target = _calendar(area_code)
    session().execute(delete(WorkingPeriod).where(WorkingPeriod.calendar_id == target.id))
    session().add_all(_period(target.id, each) for each in hours)
    _touch(actor, target, {"hours": [f"{each.starts:%H:%M}–{each.ends:%H:%M}" for each in hours]})


def add_calendar(
    name: str,
    special: Iterable[Special],
    hours: Sequence[WorkingHours] = DEFAULT_HOURS,
    area_code: str = queries.CITY_AREA,
) -> Calendar:
    """The first calendar of an area, at installation."""
    _check_hours(hours)
    row = Calendar(area_code=area_code, name=name, stamp=secrets.token_hex(16))
    session().add(row)
    session().flush()
    session().add_all(_period(row.id, each) for each in hours)
    days = [
        {"calendar_id": row.id, "day": s.day, "kind": s.kind.value, "name": s.name, "provisional": s.provisional}
        for s in special
    ]
    if days:
        session().execute(insert(SpecialDay), days)
    session().flush()
    queries.forget()
    return row


def install(classes_csv: Path, conditions_csv: Path, name: str) -> bool:
    """The shipped catalogue and calendar, on an empty database only; says whether anything was written."""
    fresh = queries.newest_version() is None
    if fresh:
        import_version(SYSTEM, name, read_catalogue(classes_csv, conditions_csv))
    if session().scalar(select(Calendar.id).limit(1)) is None:
        add_calendar("宁波市工作日历", read_special_days(SHIPPED_HOLIDAYS))
        fresh = True
    return fresh


def _with_limit(entry: ClassEntry, change: LimitChange) -> ClassEntry:
    # Whatever a standard said, the number is now this city's own judgement.
    conditions = tuple(
        replace(each, limit=change.limit, certainty=Certainty.JUDGED) if each.no == change.condition_no else each
        for each in entry.conditions
    )
    return replace(entry, conditions=conditions)


def _line(entry: ClassEntry, before: Condition, after: Limit) -> dict[str, str | int]:
    return {
        "code": entry.code,
        "name": entry.name,
        "condition_no": before.no,
        "before": before.limit.text,
        "after": after.text,
    }


def _write(version_id: int, entries: Iterable[ClassEntry]) -> None:
    classes, conditions = [], []
    for entry in entries:
        classes.append(_class_row(version_id, entry))
        conditions += [_condition_row(version_id, entry.code, each) for each in entry.conditions]
    session().execute(insert(CaseClass), classes)
    session().execute(insert(FilingCondition), conditions)


def _class_row(version_id: int, entry: ClassEntry) -> dict[str, object]:
    return {
        "version_id": version_id,
        "code": entry.code,
        "kind": entry.kind.value,
        "major_code": entry.major_code,
        "major_name": entry.major_name,
        "display_major": entry.display_major,
        "minor_code": entry.minor_code,
        "name": entry.name,
        "name_en": entry.name_en,
        "national_code": entry.national_code,
        "primary_unit_type": entry.primary_unit_type,
        "secondary_unit_type": entry.secondary_unit_type,
        "urgency": entry.urgency.value,
        "safety_critical": entry.safety_critical,
        "frequency": entry.frequency.value,
        "standard": entry.standard,
        "certainty": entry.certainty.value,
    }


def _condition_row(version_id: int, code: str, condition: Condition) -> dict[str, object]:
    return {
        "version_id": version_id,
        "class_code": code,
        "no": condition.no,
        "text": condition.text,
        "limit_value": condition.limit.value,
        "limit_unit": condition.limit.clock.value,
        "limit_value_b": condition.limit_b.value if condition.limit_b else None,
        "limit_unit_b": condition.limit_b.clock.value if condition.limit_b else None,
        "limit_value_c": condition.limit_c.value if condition.limit_c else None,
        "limit_unit_c": condition.limit_c.clock.value if condition.limit_c else None,
        "closing": condition.closing,
        "certainty": condition.certainty.value,
    }


def _period(calendar_id: int, hours: WorkingHours) -> WorkingPeriod:
    return WorkingPeriod(
        calendar_id=calendar_id,
        starts=hours.starts,
        ends=hours.ends,
        weekdays="".join(str(day + 1) for day in sorted(hours.weekdays)),
        valid_from=hours.valid_from,
        valid_to=hours.valid_to,
    )


def _check(limit: Limit) -> None:
    if limit.value > _LONGEST_LIMIT:
        raise Invalid(f"时限不能超过 {_LONGEST_LIMIT}", fields={"value": f"不能超过 {_LONGEST_LIMIT}"})


def _check_hours(hours: Sequence[WorkingHours]) -> None:
    if any(each.starts >= each.ends for each in hours):
        raise Invalid("工作时段的结束必须晚于开始")
    if any(_overlap(a, b) for i, a in enumerate(hours) for b in hours[i + 1 :]):
        raise Invalid("工作时段互相重叠")
    try:
        WorkCalendar(hours)
    except CalendarError as error:
        raise Invalid(str(error)) from None


def _overlap(one: WorkingHours, other: WorkingHours) -> bool:
    if not one.weekdays & other.weekdays or not (one.starts < other.ends and other.starts < one.ends):
        return False
    return (one.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
        one.valid_to or date.max
    )


def _calendar(area_code: str) -> Calendar:
    row = session().scalar(select(Calendar).where(Calendar.area_code == area_code))
    if row is None:
        raise NotFound("该区域没有自己的工作日历")
    return row


def _touch(actor: Principal, target: Calendar, change: dict[str, object]) -> None:
    target.stamp = secrets.token_hex(16)
    session().flush()
    queries.forget()
    record(
        "calendar.changed",
        subject=("calendar", target.id),
        audience=AUDIENCE,
        payload={"by": actor.name, "calendar": target.name, **change},
        actor_id=actor.id,
    )


def _record(actor: Principal, kind: str, version: CatalogueVersion, payload: dict[str, object]) -> None:
    record(kind, subject=("catalogue", version.id), audience=AUDIENCE, payload=payload, actor_id=actor.id)


def _must_administer(actor: Principal) -> None:
    if Role.SYSTEM not in actor.roles and not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改目录和日历")
