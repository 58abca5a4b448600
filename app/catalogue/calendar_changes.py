"""Changing working calendars. Whose open deadlines move is worked out by whoever knows cases, before it is saved."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import delete, insert, select

from app.accounts.roles import Permission, Principal, Role
from app.catalogue import queries
from app.catalogue.calendar_sheets import Block, overlap
from app.catalogue.calendars import DEFAULT_HOURS, CalendarError, Special, WorkCalendar, WorkingHours
from app.catalogue.models import Calendar, SpecialDay, WorkingPeriod
from app.db import session
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.events.service import record

AUDIENCE = ("administrators",)


def set_special_day(actor: Principal, special: Special, area_code: str = queries.CITY_AREA) -> SpecialDay:
    """Add a holiday or a make-up day, or change the one on that day."""
    must_administer(actor)
    target = queries.calendar_row(area_code)
    row = session().scalar(
        select(SpecialDay).where(SpecialDay.calendar_id == target.id, SpecialDay.day == special.day)
    ) or SpecialDay(calendar_id=target.id, day=special.day)
    row.kind, row.name, row.provisional = special.kind.value, special.name, special.provisional
    session().add(row)
    _touch(actor, target, {"day": special.day.isoformat(), "kind": special.kind.value, "name": special.name})
    return row


def remove_special_day(actor: Principal, day: date, area_code: str = queries.CITY_AREA) -> None:
    must_administer(actor)
    target = queries.calendar_row(area_code)
    found = select(SpecialDay).where(SpecialDay.calendar_id == target.id, SpecialDay.day == day)
    row = session().scalar(found)
    if row is None:
        raise NotFound(f"{day} 不是特殊日")
    session().delete(row)
    _touch(actor, target, {"day": day.isoformat(), "kind": "ordinary", "name": row.name})


def set_working_hours(actor: Principal, hours: Sequence[WorkingHours], area_code: str = queries.CITY_AREA) -> None:
    """Replace the working periods of an area; refused when they overlap or leave no working time."""
    must_administer(actor)
    _check_hours(hours)
    target = queries.calendar_row(area_code)
    session().execute(delete(WorkingPeriod).where(WorkingPeriod.calendar_id == target.id))
    session().add_all(_period(target.id, each) for each in hours)
    _touch(actor, target, {"hours": [f"{each.starts:%H:%M}–{each.ends:%H:%M}" for each in hours]})


def replace_years(actor: Principal, area_code: str, blocks: Sequence[Block], note: str = "") -> list[int]:
    """All special days of the years that are named; returns the years."""
    must_administer(actor)
    target = queries.calendar_row(area_code)
    years = sorted({each.start.year for each in blocks})
    for year in years:
        within = SpecialDay.day.between(date(year, 1, 1), date(year, 12, 31))
        session().execute(delete(SpecialDay).where(SpecialDay.calendar_id == target.id, within))
    _add_days(target.id, [day for each in blocks for day in each.days])
    _touch(actor, target, {"name": "、".join(map(str, years)), "note": note})
    return years


def copy_calendar(actor: Principal, area_code: str, name: str) -> Calendar:
    """An area leaves the calendar it worked by and gets one of its own that begins alike."""
    must_administer(actor)
    if len(area_code) > len("330212"):
        raise Invalid("工作日历按市、区县设置", fields={"area": "请选择区县"})
    if session().scalar(select(Calendar.id).where(Calendar.area_code == area_code)) is not None:
        raise Conflict("该区域已有自己的工作日历")
    above = queries.calendar(area_code)
    row = add_calendar(name, above.special.values(), above.hours, area_code)
    _touch(actor, row, {"name": name})
    return row


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
    _add_days(row.id, special)
    session().flush()
    queries.forget()
    return row


def _add_days(calendar_id: int, special: Iterable[Special]) -> None:
    days = [
        {"calendar_id": calendar_id, "day": s.day, "kind": s.kind.value, "name": s.name, "provisional": s.provisional}
        for s in special
    ]
    if days:
        session().execute(insert(SpecialDay), days)


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


def _period(calendar_id: int, hours: WorkingHours) -> WorkingPeriod:
    return WorkingPeriod(
        calendar_id=calendar_id,
        starts=hours.starts,
        ends=hours.ends,
        weekdays="".join(str(day + 1) for day in sorted(hours.weekdays)),
        valid_from=hours.valid_from,
        valid_to=hours.valid_to,
    )


def _check_hours(hours: Sequence[WorkingHours]) -> None:
    if any(each.starts >= each.ends for each in hours):
        raise Invalid("工作时段的结束必须晚于开始")
    if any(overlap(a, b) for i, a in enumerate(hours) for b in hours[i + 1 :]):
        raise Invalid("工作时段互相重叠")
    try:
        WorkCalendar(hours)
    except CalendarError as error:
        raise Invalid(str(error)) from None


def must_administer(actor: Principal) -> None:
    if Role.SYSTEM not in actor.roles and not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改目录和日历")
