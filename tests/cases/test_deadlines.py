"""A limit through stops and extensions, against a minute counter that knows nothing of its arithmetic."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cases.deadlines import CaseDeadline, Running, deadline_of, lamp
from app.catalogue.calendars import DayKind, WorkCalendar
from app.catalogue.clocks import Clock, Lamp, Limit
from app.catalogue.importing import SHIPPED_HOLIDAYS, read_special_days
from app.clock import CITY

SPECIAL = read_special_days(SHIPPED_HOLIDAYS)
KINDS = {each.day: each.kind for each in SPECIAL}
CALENDAR = WorkCalendar(special=SPECIAL)
MINUTE = timedelta(minutes=1)
FIRST = datetime(2024, 1, 1, tzinfo=CITY)
LIMITS = st.builds(Limit, st.integers(1, 3), st.sampled_from(Clock))
MINUTES = {Clock.URGENT_HOUR: 60, Clock.WORK_HOUR: 60, Clock.WORK_DAY: 480, Clock.NATURAL_DAY: 1440}

starts = st.integers(0, 60 * 24 * 1300).map(lambda count: FIRST + count * MINUTE)
# What happens to a case after so many minutes: an extension, or a stop of so many minutes.
lives = st.lists(st.tuples(st.integers(1, 900), st.sampled_from(["extend", "stop"]), st.integers(0, 6000)), max_size=4)


def counts(moment: datetime, clock: Clock) -> bool:
    """Straight from the rules: 8-12 and 14-18 on weekdays and make-up days, never on holidays; or always."""
    if clock.runs_always:
        return True
    kind = KINDS.get(moment.date())
    if kind is DayKind.HOLIDAY or (kind is None and moment.weekday() >= 5):
        return False
    return 8 <= moment.hour < 12 or 14 <= moment.hour < 18


@dataclass
class Counter:
    """Ticks minute by minute and strikes off what the limit still allows."""

    now: datetime
    clock: Clock
    left: int

    def run(self, minutes: int) -> None:
        for _ in range(minutes):
            self.left -= counts(self.now, self.clock)
            self.now += MINUTE

    def end(self) -> datetime:
        moment, left = self.now, self.left
        while left > 0:
            left -= counts(moment, self.clock)
            moment += MINUTE
        return moment


@given(starts, LIMITS, lives)
@settings(max_examples=60, deadline=None)
def test_extensions_and_stops_end_where_a_minute_counter_ends(
    start: datetime, limit: Limit, life: list[tuple[int, str, int]]
) -> None:
    counter = Counter(start, limit.clock, limit.value * MINUTES[limit.clock])
    found = deadline_of(start, limit, CALENDAR)
    extensions = 0
    for runs, what, stands in life:
        counter.run(runs)
        if counter.left <= 0:  # overdue: nothing moves any more
            break
        running = Running(found.due_at, limit, CALENDAR, extensions, found.steps)
        if what == "extend":
            found, extensions = running.extended(), extensions + 1
            counter.left += limit.value * MINUTES[limit.clock]
        else:
            stopped = counter.now
            counter.now += stands * MINUTE
            found = running.resumed(stopped, counter.now, "恢复处置")
        assert found.due_at == counter.end()
        assert found.steps[-1].endswith("到期")
    assert counter.left <= 0 or found.due_at == counter.end()


@given(starts, LIMITS, st.integers(0, 3))
def test_the_lamp_turns_yellow_at_four_fifths_of_the_whole_extended_limit(
    start: datetime, limit: Limit, extensions: int
) -> None:
    found = deadline_of(start, limit, CALENDAR)
    for nth in range(extensions):
        found = Running(found.due_at, limit, CALENDAR, nth, found.steps).extended()
    whole = Limit(limit.value * (1 + extensions), limit.clock)
    assert (found.due_at, found.yellow_at) == _both(start, whole)


def _both(start: datetime, limit: Limit) -> tuple[datetime, datetime]:
    found = deadline_of(start, limit, CALENDAR)
    return found.due_at, found.yellow_at


def late() -> tuple[Running, CaseDeadline]:
    limit = Limit(2, Clock.URGENT_HOUR)
    start = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    found = deadline_of(start, limit, CALENDAR)
    return Running(found.due_at, limit, CALENDAR, 0, found.steps), found


def test_a_missed_deadline_stays_where_it_was_when_the_clock_goes_on() -> None:
    running, found = late()
    again = running.resumed(found.due_at + MINUTE, found.due_at + timedelta(days=1), "返工")
    assert again.due_at == found.due_at
    assert "已超期" in again.steps[-2]


def test_every_step_of_a_long_life_is_told_in_order() -> None:
    start = datetime(2026, 9, 29, 9, 0, tzinfo=CITY)
    limit = Limit(1, Clock.WORK_DAY)
    first = deadline_of(start, limit, CALENDAR)
    extended = Running(first.due_at, limit, CALENDAR, 0, first.steps).extended()
    at = start + timedelta(hours=1)
    stopped = Running(extended.due_at, limit, CALENDAR, 1, extended.steps).stopped(at, "挂账")
    resumed = Running(extended.due_at, limit, CALENDAR, 1, stopped).resumed(at, at + timedelta(days=3), "恢复处置")
    assert list(resumed.steps) == [
        "9月29日（周二）09:00起算",
        "时限 1 工作日，合 8 个工作小时",
        "9月29日（周二）至9月30日（周三）计 8 小时",
        "9月30日（周三）09:00到期",
        "第 1 次延期，从原到期时间起再加一个原时限",
        "9月30日（周三）09:00起算",
        "时限 1 工作日，合 8 个工作小时",
        "9月30日（周三）计 7 小时",
        "10月1日（周四）至10月7日（周三）国庆节放假，不计",
        "10月8日（周四）计 1 小时",
        "10月8日（周四）09:00到期",
        "9月29日（周二）10:00挂账，停止计时，剩余 15 小时",
        "10月2日（周五）10:00恢复处置，恢复计时，剩余 15 小时",
        "10月9日（周五）17:00到期",
    ]


@pytest.mark.parametrize(
    ("minutes", "ended", "colour"),
    [
        (95, None, Lamp.GREEN),
        (97, None, Lamp.YELLOW),
        (120, None, Lamp.RED),
        (200, 100, Lamp.GREY),
        (200, 130, Lamp.RED),
    ],
)
def test_the_lamp_of_two_urgent_hours(minutes: int, ended: int | None, colour: Lamp) -> None:
    _, found = late()
    start = found.due_at - timedelta(hours=2)
    stopped = start + ended * MINUTE if ended is not None else None
    assert lamp(start + minutes * MINUTE, found.due_at, found.yellow_at, stopped) is colour
