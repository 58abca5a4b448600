"""The four clocks of a handling limit (GB/T 30428.8, domain rules): deadlines, their derivation, and lamps. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from app.catalogue.calendars import SECOND, SHANGHAI, DayKind, WorkCalendar, day_text, moment_text

HOURS_PER_WORK_DAY = 8
WARN_AT = 0.8


class Clock(StrEnum):
    """How the time of a limit is counted."""

    URGENT_HOUR = "urgent_hour"  # 紧急工作时: always runs
    WORK_HOUR = "work_hour"  # 工作时: only in working periods
    WORK_DAY = "work_day"  # 工作日: eight working hours
    NATURAL_DAY = "natural_day"  # 自然日: calendar days, always runs

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def runs_always(self) -> bool:
        return self in (Clock.URGENT_HOUR, Clock.NATURAL_DAY)


_LABELS = {
    Clock.URGENT_HOUR: "紧急工作时",
    Clock.WORK_HOUR: "工作时",
    Clock.WORK_DAY: "工作日",
    Clock.NATURAL_DAY: "自然日",
}
_SECONDS = {
    Clock.URGENT_HOUR: 3600,
    Clock.WORK_HOUR: 3600,
    Clock.WORK_DAY: HOURS_PER_WORK_DAY * 3600,
    Clock.NATURAL_DAY: 24 * 3600,
}


class Lamp(StrEnum):
    """超时亮灯: the state of a limit at a glance."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True)
class Limit:
    """A handling limit such as 2 urgent hours; the value is at least 1."""

    value: int
    clock: Clock

    def __post_init__(self) -> None:
        if self.value < 1:
            raise ValueError("时限至少为 1")

    @property
    def text(self) -> str:
        return f"{self.value} {self.clock.label}"

    @property
    def duration(self) -> timedelta:
        """Time on its own clock: for the working clocks this is working time."""
        return timedelta(seconds=self.value * _SECONDS[self.clock])


@dataclass(frozen=True)
class Deadline:
    """When a limit ends (UTC); `steps` says how that was found, in words for people."""

    at: datetime
    start: datetime
    limit: Limit
    calendar: WorkCalendar = field(repr=False, compare=False)

    @property
    def steps(self) -> tuple[str, ...]:
        # Told on demand: a sweep over thousands of limits reads no words.
        if self.limit.clock.runs_always:
            return _running_steps(self.start, self.limit, self.at)
        return tuple(_working_steps(self.start, self.limit, self.at, self.calendar))


# Stage clocks beside the handling limit; they run always.
ACCEPTANCE = timedelta(minutes=15)
DISPATCH = timedelta(minutes=15)
VERIFICATION = timedelta(minutes=30)


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> Deadline:
    """The end of `limit` counted from `start` (aware)."""
    return Deadline(advance(start, limit.duration, limit.clock, calendar), start, limit, calendar)


def advance(start: datetime, duration: timedelta, clock: Clock, calendar: WorkCalendar) -> datetime:
    """`start` plus a duration measured on a clock. UTC."""
    if clock.runs_always:
        return start.astimezone(UTC) + duration
    return calendar.instant(calendar.elapsed(start) + _ticks(duration))


def measure(start: datetime, end: datetime, clock: Clock, calendar: WorkCalendar) -> timedelta:
    """How much time of the clock lies between two instants; negative if `end` comes first."""
    if clock.runs_always:
        return end - start
    return timedelta(microseconds=calendar.elapsed(end) - calendar.elapsed(start))


def resume(due: datetime, stopped: datetime, resumed: datetime, clock: Clock, calendar: WorkCalendar) -> datetime:
    """The deadline after a suspension: what was left when the clock stopped is left when it runs again."""
    left = measure(stopped, due, clock, calendar)
    return advance(resumed, left, clock, calendar) if left > timedelta() else due


def used_fraction(start: datetime, due: datetime, now: datetime, clock: Clock, calendar: WorkCalendar) -> float:
    """Used share of a limit on its own clock: 0 at the start, 1 and more from the deadline on."""
    if now >= due:
        return 1.0 + max(0.0, (now - due) / max(due - start, timedelta(seconds=1)))
    whole = measure(start, due, clock, calendar)
    if whole <= timedelta():  # a deadline set by hand outside working time has no working seconds to divide by
        return max(0.0, (now - start) / (due - start)) if due > start else 0.0
    return max(0.0, measure(start, now, clock, calendar) / whole)


def lamp(used: float, *, suspended: bool = False, warn_at: float = WARN_AT) -> Lamp:
    """Green, yellow from `warn_at` of the limit on, red from the deadline on, grey while the clock stands still."""
    if suspended:
        return Lamp.GREY
    if used >= 1:
        return Lamp.RED
    return Lamp.YELLOW if used >= warn_at else Lamp.GREEN


def warning_time(start: datetime, due: datetime, clock: Clock, calendar: WorkCalendar, at: float = WARN_AT) -> datetime:
    """When the lamp turns yellow: stored beside the deadline, a sweep can then find it through an index."""
    whole = measure(start, due, clock, calendar)
    if whole <= timedelta():
        return start.astimezone(UTC) + (due - start) * at
    return advance(start, whole * at, clock, calendar)


def _ticks(duration: timedelta) -> int:
    return (duration.days * 86400 + duration.seconds) * SECOND + duration.microseconds


def _running_steps(start: datetime, limit: Limit, due: datetime) -> tuple[str, ...]:
    amount = f"{limit.value} 小时" if limit.clock is Clock.URGENT_HOUR else f"{limit.value} 天"
    return (
        f"{moment_text(start)}起算",
        f"时限 {limit.text}：昼夜连续计时，夜间、周末、节假日照计，加 {amount}",
        f"{moment_text(due)}到期",
    )


def _working_steps(start: datetime, limit: Limit, due: datetime, calendar: WorkCalendar) -> Iterator[str]:
    begins = calendar.next_working_moment(start)
    if begins > start:
        yield f"{moment_text(start)}不在工作时段，从 {moment_text(begins)}起算"
    else:
        yield f"{moment_text(start)}起算"
    hours = limit.duration // timedelta(hours=1)
    yield f"时限 {limit.text}，合 {hours} 个工作小时" if limit.clock is Clock.WORK_DAY else f"时限 {limit.text}"
    for run in _runs(begins, due, calendar):
        yield run.text
    yield f"{moment_text(due)}到期"


@dataclass(frozen=True)
class _Run:
    """Neighbouring days which count alike, told in one line."""

    first: date
    last: date
    seconds: int
    reason: str

    @property
    def text(self) -> str:
        days = day_text(self.first) if self.first == self.last else f"{day_text(self.first)}至{day_text(self.last)}"
        if not self.seconds:
            return f"{days}{self.reason}，不计"
        note = f"{self.reason}，" if self.reason else ""
        return f"{days}{note}计 {hours_text(self.seconds)}"

    def joins(self, following: "_Run") -> bool:
        return self.reason == following.reason and bool(self.seconds) == bool(following.seconds)


def _runs(begins: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[_Run]:
    first, last = begins.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date()
    current: _Run | None = None
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        seconds = _counted(day, begins, due, calendar) if day in (first, last) else calendar.seconds_on(day)
        following = _Run(day, day, seconds, _reason(day, calendar))
        if current is not None and current.joins(following):
            current = _Run(current.first, day, current.seconds + seconds, current.reason)
            continue
        if current is not None:
            yield current
        current = following
    if current is not None:
        yield current


def _counted(day: date, begins: datetime, due: datetime, calendar: WorkCalendar) -> int:
    midnight = datetime.combine(day, datetime.min.time(), SHANGHAI)
    start, end = max(begins, midnight), min(due, midnight + timedelta(days=1))
    return (calendar.elapsed(end) - calendar.elapsed(start)) // SECOND


def _reason(day: date, calendar: WorkCalendar) -> str:
    special = calendar.special.get(day)
    if special is None:
        return "" if calendar.spans(day) else "周末"
    return f"{special.name}调休上班" if special.kind is DayKind.MAKE_UP else f"{special.name}放假"


def hours_text(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    parts = [f"{hours} 小时"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} 分")
    return " ".join(parts)
