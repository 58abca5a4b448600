"""The four clocks against a minute counter that knows nothing of their arithmetic."""

import csv
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.calendars import DEFAULT_HOURS, CalendarError, DayKind, Special, WorkCalendar, WorkingHours
from app.catalogue.clocks import (
    Clock,
    Lamp,
    Limit,
    advance,
    due_at,
    lamp,
    measure,
    resume,
    used_fraction,
    warning_time,
)
from app.catalogue.importing import SHIPPED_HOLIDAYS, read_special_days
from app.clock import CITY

SPECIAL = read_special_days(SHIPPED_HOLIDAYS)
CALENDAR = WorkCalendar(special=SPECIAL)
MINUTE = timedelta(minutes=1)
WORKING = [Clock.WORK_HOUR, Clock.WORK_DAY]

FIRST = datetime(2024, 1, 1, tzinfo=CITY)

minutes = st.integers(0, 60 * 24 * 1420).map(lambda count: FIRST + count * MINUTE)  # up to the end of November 2027


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


def works(moment: datetime) -> bool:
    """Straight from the rules: 8-12 and 14-18 on weekdays and make-up days, never on holidays."""
    kinds = {each.day: each.kind for each in SPECIAL}
    kind = kinds.get(moment.date())
    if kind is DayKind.HOLIDAY or (kind is None and moment.weekday() >= 5):
        return False
    return 8 <= moment.hour < 12 or 14 <= moment.hour < 18


def count_minutes(start: datetime, needed: int) -> datetime:
    moment = start
    while needed:
        needed -= works(moment)
        moment += MINUTE
    return moment


@given(minutes, st.integers(1, 3), st.sampled_from(WORKING))
@settings(max_examples=60, deadline=None)
def test_a_working_deadline_is_where_a_minute_counter_ends(start: datetime, value: int, clock: Clock) -> None:
    limit = Limit(value, clock)
    needed = value * (60 if clock is Clock.WORK_HOUR else 480)
    assert due_at(start, limit, CALENDAR).at == count_minutes(start, needed)


@given(minutes, st.integers(1, 20), st.sampled_from([Clock.URGENT_HOUR, Clock.NATURAL_DAY]))
def test_urgent_hours_and_natural_days_never_stop(start: datetime, value: int, clock: Clock) -> None:
    hours = value * (1 if clock is Clock.URGENT_HOUR else 24)
    assert due_at(start, Limit(value, clock), CALENDAR).at == start + timedelta(hours=hours)


@given(minutes, minutes)
@settings(deadline=None)
def test_measuring_back_gives_what_was_added(start: datetime, end: datetime) -> None:
    start, end = sorted((start, end))
    for clock in Clock:
        worked = measure(start, end, clock, CALENDAR)
        assert worked >= timedelta()
        reached = advance(start, worked, clock, CALENDAR)
        assert measure(start, reached, clock, CALENDAR) == worked
        assert reached <= max(end, CALENDAR.next_working_moment(start)) or clock.runs_always


@pytest.mark.parametrize(
    ("start", "value", "clock", "due"),
    [
        ("2026-09-25T17:30", 1, Clock.WORK_DAY, "2026-09-28T18:00"),  # 中秋 and a weekend between
        ("2026-09-30T17:00", 2, Clock.WORK_HOUR, "2026-10-08T09:00"),  # over the national holidays
        ("2026-10-09T16:00", 1, Clock.WORK_DAY, "2026-10-10T16:00"),  # Saturday the 10th is made up
        ("2025-01-27T17:59", 1, Clock.WORK_HOUR, "2025-02-05T08:59"),  # 春节
        ("2024-02-18T09:00", 3, Clock.WORK_HOUR, "2024-02-18T12:00"),  # a made-up Sunday
        ("2026-11-24T11:00", 1, Clock.WORK_HOUR, "2026-11-24T12:00"),  # ends with the period, not at 14:00
        ("2026-11-24T12:30", 1, Clock.WORK_HOUR, "2026-11-24T15:00"),  # over midday
        ("2026-11-27T23:50", 2, Clock.URGENT_HOUR, "2026-11-28T01:50"),
    ],
)
def test_known_deadlines(start: str, value: int, clock: Clock, due: str) -> None:
    assert due_at(at(start), Limit(value, clock), CALENDAR).at == at(due)


def test_a_deadline_tells_how_it_was_found() -> None:
    steps = due_at(at("2026-09-30T19:30"), Limit(3, Clock.WORK_DAY), CALENDAR).steps
    assert steps == (
        "9月30日（周三）19:30不在工作时段，从 10月8日（周四）08:00起算",
        "时限 3 工作日，合 24 个工作小时",
        "10月8日（周四）至10月9日（周五）计 16 小时",
        "10月10日（周六）国庆节调休上班，计 8 小时",
        "10月10日（周六）18:00到期",
    )


def test_holidays_and_weekends_inside_a_limit_are_named() -> None:
    steps = due_at(at("2026-09-30T10:00"), Limit(4, Clock.WORK_DAY), CALENDAR).steps
    assert "10月1日（周四）至10月7日（周三）国庆节放假，不计" in steps
    assert "10月11日（周日）周末，不计" in steps
    assert steps[-1] == "10月12日（周一）10:00到期"


@given(minutes, st.integers(1, 4), st.sampled_from(WORKING))
@settings(max_examples=30, deadline=None)
def test_the_hours_told_add_up_to_the_limit(start: datetime, value: int, clock: Clock) -> None:
    limit = Limit(value, clock)
    told = 0
    for step in due_at(start, limit, CALENDAR).steps:
        words = step.split("计 ")[-1].split() if "计 " in step else []
        told += sum(int(n) * (60 if unit == "小时" else 1) for n, unit in zip(words[::2], words[1::2], strict=False))
    assert told == limit.duration // MINUTE


@pytest.mark.parametrize(
    ("used", "suspended", "colour"),
    [
        (0.0, False, Lamp.GREEN),
        (0.799, False, Lamp.GREEN),
        (0.8, False, Lamp.YELLOW),
        (0.999, False, Lamp.YELLOW),
        (1.0, False, Lamp.RED),
        (7.5, False, Lamp.RED),
        (7.5, True, Lamp.GREY),
    ],
)
def test_a_lamp_shows_the_used_share(used: float, suspended: bool, colour: Lamp) -> None:
    assert lamp(used, suspended=suspended) is colour


@given(minutes, st.integers(1, 5), st.sampled_from(list(Clock)), st.floats(0, 1))
@settings(deadline=None)
def test_the_used_share_grows_from_nothing_to_the_whole(start: datetime, value: int, clock: Clock, part: float) -> None:
    due = due_at(start, Limit(value, clock), CALENDAR).at
    middle = start + (due - start) * part
    assert used_fraction(start, due, start, clock, CALENDAR) == 0
    assert 0 <= used_fraction(start, due, middle, clock, CALENDAR) <= 1.0
    assert used_fraction(start, due, due, clock, CALENDAR) == 1.0
    assert used_fraction(start, due, due + timedelta(days=3), clock, CALENDAR) > 1.0


def test_the_night_uses_nothing_of_a_working_limit() -> None:
    start, due = at("2026-11-24T16:00"), at("2026-11-25T10:00")
    before, after = at("2026-11-24T18:00"), at("2026-11-25T08:00")
    shares = {used_fraction(start, due, moment, Clock.WORK_HOUR, CALENDAR) for moment in (before, after)}
    assert shares == {0.5}


def test_a_deadline_set_by_hand_outside_working_time_still_has_a_lamp() -> None:
    start, due = at("2026-11-28T10:00"), at("2026-11-28T20:00")  # a Saturday
    assert used_fraction(start, due, at("2026-11-28T18:00"), Clock.WORK_DAY, CALENDAR) == pytest.approx(0.8)
    assert warning_time(start, due, Clock.WORK_DAY, CALENDAR) == at("2026-11-28T18:00")


def test_the_warning_comes_at_four_fifths_of_the_working_time() -> None:
    start = at("2026-11-24T08:00")
    due = due_at(start, Limit(1, Clock.WORK_DAY), CALENDAR).at
    assert warning_time(start, due, Clock.WORK_DAY, CALENDAR) == at("2026-11-24T16:24")


@given(minutes, st.integers(1, 4), st.sampled_from(list(Clock)), st.integers(0, 4000), st.integers(0, 60000))
@settings(max_examples=60, deadline=None)
def test_a_suspension_takes_nothing_from_the_limit(
    start: datetime, value: int, clock: Clock, before: int, pause: int
) -> None:
    due = due_at(start, Limit(value, clock), CALENDAR).at
    stopped = min(start + before * MINUTE, due - MINUTE)
    resumed = stopped + pause * MINUTE
    later = resume(due, stopped, resumed, clock, CALENDAR)
    assert measure(resumed, later, clock, CALENDAR) == measure(stopped, due, clock, CALENDAR)
    assert later >= due


def test_a_suspension_after_the_deadline_gives_no_new_one() -> None:
    due = at("2026-11-24T12:00")
    assert resume(due, at("2026-11-24T13:00"), at("2026-12-24T13:00"), Clock.NATURAL_DAY, CALENDAR) == due


def test_summer_hours_hold_between_their_dates() -> None:
    summer = WorkingHours(time(7), time(11), date(2026, 7, 1), date(2026, 8, 31))
    winter = WorkingHours(time(8), time(12), date(2026, 9, 1))
    calendar = WorkCalendar([summer, winter])
    limit = Limit(1, Clock.WORK_HOUR)
    assert due_at(at("2026-08-31T06:00"), limit, calendar).at == at("2026-08-31T08:00")
    assert due_at(at("2026-08-31T12:00"), limit, calendar).at == at("2026-09-01T09:00")


def test_a_calendar_without_lasting_working_time_is_refused() -> None:
    with pytest.raises(CalendarError):
        WorkCalendar([WorkingHours(time(8), time(12), valid_to=date(2026, 12, 31))])
    with pytest.raises(CalendarError):
        WorkCalendar([])


def test_deadlines_beyond_the_prepared_years_are_found() -> None:
    assert due_at(at("2039-12-30T10:00"), Limit(1, Clock.WORK_HOUR), CALENDAR).at == at("2039-12-30T11:00")


def test_a_time_before_the_calendar_is_refused() -> None:
    with pytest.raises(CalendarError):
        CALENDAR.elapsed(datetime(2019, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_of_nothing_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="至少"):
        Limit(value, Clock.WORK_DAY)


def test_every_published_year_has_its_seven_holidays_and_2027_is_marked_provisional() -> None:
    names = {year: {each.name for each in SPECIAL if each.day.year == year} for year in range(2024, 2028)}
    for year, found in names.items():
        text = "".join(found)
        for name in ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"):
            assert name in text, (year, name)
    assert all(each.provisional == (each.day.year == 2027) for each in SPECIAL)


def test_the_shipped_holidays_name_no_day_twice() -> None:
    with SHIPPED_HOLIDAYS.open(encoding="utf-8") as lines:
        days = [row["date"] for row in csv.DictReader(lines)]
    assert len(days) == len(set(days))
    assert days == sorted(days)


def test_a_make_up_saturday_is_worked_like_a_weekday_where_saturdays_have_hours_of_their_own() -> None:
    saturday, made_up = date(2026, 11, 28), date(2026, 12, 5)
    hours = [*DEFAULT_HOURS, WorkingHours(time(9), time(15), weekdays=frozenset({5}))]
    calendar = WorkCalendar(hours, [Special(made_up, DayKind.MAKE_UP, "元旦")])
    assert calendar.seconds_on(saturday) == 6 * 3600
    assert calendar.spans(made_up) == calendar.spans(date(2026, 12, 4))
