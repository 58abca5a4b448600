"""Reading the catalogue and the calendar. Both stay in the process; a stamp in the database says if they changed."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import func, select

from app import stamps
from app.catalogue.calendars import DayKind, Special, WorkCalendar, WorkingHours
from app.catalogue.clocks import Clock, Limit
from app.catalogue.entries import Catalogue, Certainty, ClassEntry, ClassUrgency, Condition, Frequency, Kind
from app.catalogue.models import Calendar, CaseClass, CatalogueVersion, FilingCondition, SpecialDay, WorkingPeriod
from app.db import session
from app.errors import NotFound, Unavailable

CITY_AREA = "3302"
_VERSION, _CALENDAR = "catalogue", "calendar"
_NEWEST = select(func.max(CatalogueVersion.number)).scalar_subquery()
stamps.register(
    _VERSION,
    stamps.source(_VERSION, CatalogueVersion.stamp, row_id=CatalogueVersion.id).where(
        CatalogueVersion.number == _NEWEST
    ),
)
stamps.register(_CALENDAR, stamps.source(_CALENDAR, Calendar.stamp, name=Calendar.area_code, row_id=Calendar.id))


def catalogue(version_id: int | None = None) -> Catalogue:
    """The version in force, or the one a case was filed under."""
    if version_id is None:
        return _load(*_current())
    known = stamps.current(_VERSION).get("")
    if known is not None and known[0] == version_id:
        return _load(*known)
    stamp = session().scalar(select(CatalogueVersion.stamp).where(CatalogueVersion.id == version_id))
    if stamp is None:
        raise NotFound("没有这个目录版本")
    return _load(version_id, stamp)


def codes_named(words: str) -> Sequence[str]:
    """Classes that hold the words in their name, in any version: a case keeps the name it was filed under."""
    named = select(CaseClass.code).where(CaseClass.name.contains(words, autoescape=True))
    return session().scalars(named.distinct().order_by(CaseClass.code)).all()


def calendar_areas() -> tuple[str, ...]:
    """Areas with a calendar of their own."""
    return tuple(sorted(stamps.current(_CALENDAR)))


def calendar_row(area_code: str) -> Calendar:
    row = session().scalar(select(Calendar).where(Calendar.area_code == area_code))
    if row is None:
        raise NotFound("该区域没有自己的工作日历")
    return row


def calendar(area_code: str = CITY_AREA) -> WorkCalendar:
    """The nearest calendar upwards: an area without one works by its parent's, what lies nowhere yet by the city's."""
    calendars, place = stamps.current(_CALENDAR), area_code or CITY_AREA
    fitting = [code for code in calendars if place.startswith(code)]
    if not fitting:
        raise Unavailable("尚未导入工作日历")
    return _load_calendar(*calendars[max(fitting, key=len)])


def versions() -> Sequence[CatalogueVersion]:
    """Newest first."""
    return session().scalars(select(CatalogueVersion).order_by(CatalogueVersion.number.desc())).all()


def version_of(number: int) -> CatalogueVersion:
    found = session().scalar(select(CatalogueVersion).where(CatalogueVersion.number == number))
    if found is None:
        raise NotFound("没有这个目录版本")
    return found


def newest_version() -> CatalogueVersion | None:
    return session().scalar(select(CatalogueVersion).order_by(CatalogueVersion.number.desc()).limit(1))


def special_days(area_code: str = CITY_AREA) -> Sequence[SpecialDay]:
    query = select(SpecialDay).join(Calendar, Calendar.id == SpecialDay.calendar_id)
    return session().scalars(query.where(Calendar.area_code == area_code).order_by(SpecialDay.day)).all()


def forget() -> None:
    """After a change in this piece of work, read again."""
    stamps.forget()


def _current() -> tuple[int, str]:
    newest = stamps.current(_VERSION).get("")
    if newest is None:
        raise Unavailable("尚未导入案件分类目录")
    return newest


@lru_cache(maxsize=16)
def _load(version_id: int, stamp: str) -> Catalogue:
    version = session().get_one(CatalogueVersion, version_id)
    conditions: dict[str, list[Condition]] = defaultdict(list)
    rows = select(FilingCondition).where(FilingCondition.version_id == version_id).order_by(FilingCondition.no)
    for row in session().scalars(rows):
        conditions[row.class_code].append(_condition(row))
    classes = session().scalars(select(CaseClass).where(CaseClass.version_id == version_id).order_by(CaseClass.code))
    entries = [_entry(row, conditions[row.code]) for row in classes]
    return Catalogue(version_id, version.number, entries, stamp)


@lru_cache(maxsize=16)
def _load_calendar(calendar_id: int, stamp: str) -> WorkCalendar:
    periods = session().scalars(select(WorkingPeriod).where(WorkingPeriod.calendar_id == calendar_id))
    days = session().scalars(select(SpecialDay).where(SpecialDay.calendar_id == calendar_id))
    return WorkCalendar(
        [_hours(row) for row in periods],
        [Special(row.day, DayKind(row.kind), row.name, row.provisional) for row in days],
    )


def _hours(row: WorkingPeriod) -> WorkingHours:
    weekdays = frozenset(int(digit) - 1 for digit in row.weekdays)
    return WorkingHours(row.starts, row.ends, row.valid_from, row.valid_to, weekdays)


def _condition(row: FilingCondition) -> Condition:
    return Condition(
        no=row.no,
        text=row.text,
        limit=Limit(row.limit_value, Clock(row.limit_unit)),
        closing=row.closing,
        certainty=Certainty(row.certainty),
        limit_b=_limit(row.limit_value_b, row.limit_unit_b),
        limit_c=_limit(row.limit_value_c, row.limit_unit_c),
    )


def _limit(value: int | None, unit: str | None) -> Limit | None:
    return Limit(value, Clock(unit)) if value and unit else None


def _entry(row: CaseClass, conditions: list[Condition]) -> ClassEntry:
    return ClassEntry(
        code=row.code,
        kind=Kind(row.kind),
        major_code=row.major_code,
        major_name=row.major_name,
        display_major=row.display_major,
        minor_code=row.minor_code,
        name=row.name,
        name_en=row.name_en,
        national_code=row.national_code,
        primary_unit_type=row.primary_unit_type,
        secondary_unit_type=row.secondary_unit_type,
        urgency=ClassUrgency(row.urgency),
        safety_critical=row.safety_critical,
        frequency=Frequency(row.frequency),
        standard=row.standard,
        certainty=Certainty(row.certainty),
        conditions=tuple(conditions),
    )
