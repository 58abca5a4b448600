"""The working calendar: which seconds count as working time. Pure, no database.

Working time is treated as a coordinate: `elapsed` says how much of it lies before an instant, `instant` is the inverse.
Both are a table look-up, so a deadline of thirty working days costs as much as one of two hours.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from threading import Lock
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND = 1_000_000  # all arithmetic is in whole microseconds: floats would lose a tick on long limits
_FIRST = date(2020, 1, 1).toordinal()
_PREPARED_DAYS = 366 * 12
_WEEKDAYS = "一二三四五六日"


class DayKind(StrEnum):
    """Why a day deviates from the week."""

    HOLIDAY = "holiday"  # 放假
    MAKE_UP = "make_up"  # 调休上班


@dataclass(frozen=True)
class WorkingHours:
    """One period of the working day, valid on some weekdays (Monday is 0) between two dates, both included."""

    starts: time
    ends: time
    valid_from: date | None = None
    valid_to: date | None = None
    weekdays: frozenset[int] = frozenset(range(5))

    def is_in_force(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    @property
    def ticks(self) -> int:
        return _ticks(self.ends) - _ticks(self.starts)


@dataclass(frozen=True)
class Special:
    """A public holiday or a make-up working day."""

    day: date
    kind: DayKind
    name: str
    provisional: bool = False


Span = tuple[int, int]  # microseconds since local midnight
DEFAULT_HOURS = (WorkingHours(time(8), time(12)), WorkingHours(time(14), time(18)))


class CalendarError(ValueError):
    """The working periods cannot carry a clock."""


class WorkCalendar:
    """Immutable to its users; the table of days grows by itself when a far instant is asked for."""

    def __init__(self, hours: Iterable[WorkingHours] = DEFAULT_HOURS, special: Iterable[Special] = ()) -> None:
        self.hours = tuple(sorted(hours, key=lambda each: each.starts))
        self.special = {each.day: each for each in special}
        # Without a single open-ended working period `instant` could search for ever.
        if not any(each.valid_to is None and each.weekdays for each in self.hours):
            raise CalendarError("至少要有一个长期有效的工作时段")
        self._spans: list[tuple[Span, ...]] = []
        self._before: list[int] = [0]
        self._growing = Lock()
        self._prepare(_PREPARED_DAYS)

    def spans(self, day: date) -> tuple[Span, ...]:
        """Working periods of a local day."""
        index = day.toordinal() - _FIRST
        self._prepare(index + 1)
        return self._spans[index]

    def elapsed(self, at: datetime) -> int:
        """Working microseconds between the calendar's first day and `at`."""
        local = at.astimezone(SHANGHAI)
        index = local.toordinal() - _FIRST
        if index < 0:
            raise CalendarError("早于工作日历的起点")
        self._prepare(index + 1)
        moment = ((local.hour * 60 + local.minute) * 60 + local.second) * SECOND + local.microsecond
        total = self._before[index]
        for start, end in self._spans[index]:
            if moment <= start:
                break
            total += min(moment, end) - start
        return total

    def instant(self, elapsed: int) -> datetime:
        """The earliest moment (UTC) at which `elapsed` working microseconds have passed: 18:00, not 08:00 next day."""
        while self._before[-1] < elapsed:
            self._prepare(len(self._spans) + 366)
        index = bisect_left(self._before, elapsed) - 1
        rest = elapsed - self._before[index]
        for start, end in self._spans[index]:
            if rest <= end - start:
                return _at(index, start + rest)
            rest -= end - start
        raise AssertionError("the table of days is inconsistent")

    def next_working_moment(self, at: datetime) -> datetime:
        """`at` itself inside a working period (its end excluded), else the start of the next one."""
        # One microsecond of work later, minus that microsecond, is where work goes on.
        return self.instant(self.elapsed(at) + 1) - timedelta(microseconds=1)

    def seconds_on(self, day: date) -> int:
        return sum(end - start for start, end in self.spans(day)) // SECOND

    def _prepare(self, days: int) -> None:
        if len(self._spans) >= days:
            return
        with self._growing:
            while len(self._spans) < days:
                spans = self._spans_on(date.fromordinal(_FIRST + len(self._spans)))
                self._before.append(self._before[-1] + sum(end - start for start, end in spans))
                self._spans.append(spans)

    def _spans_on(self, day: date) -> tuple[Span, ...]:
        special = self.special.get(day)
        if special is not None and special.kind is DayKind.HOLIDAY:
            return ()
        hours = [each for each in self.hours if each.is_in_force(day)]
        weekday = day.weekday() if special is None else _fullest(hours)
        return tuple((_ticks(each.starts), _ticks(each.ends)) for each in hours if weekday in each.weekdays)


def _fullest(hours: Iterable[WorkingHours]) -> int:
    """调休 makes a whole working day of a Saturday: it is worked like the longest day of the week, Monday as a rule."""
    worked = [0] * 7
    for each in hours:
        for weekday in each.weekdays:
            worked[weekday] += each.ticks
    return worked.index(max(worked))


def _at(index: int, ticks: int) -> datetime:
    midnight = datetime.combine(date.fromordinal(_FIRST + index), time(), SHANGHAI)
    return (midnight + timedelta(microseconds=ticks)).astimezone(UTC)


def _ticks(moment: time) -> int:
    # 23:59 as an end means midnight: datetime.time cannot say 24:00.
    if moment == time(23, 59):
        return 24 * 3600 * SECOND
    return (moment.hour * 60 + moment.minute) * 60 * SECOND


def day_text(day: date) -> str:
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def moment_text(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{day_text(local.date())}{local.hour:02d}:{local.minute:02d}"
