"""Calls per half hour."""

from datetime import UTC, datetime

from app.reports import curve


def at(hour: int, minute: int = 0) -> datetime:
    """On the city's clock, 24 November 2026."""
    return datetime(2026, 11, 24, hour - 8, minute, tzinfo=UTC)


def test_a_call_counts_in_the_half_hour_of_the_citys_clock() -> None:
    counts = dict(zip(curve.slots(), curve.per_slot([at(8), at(8, 29), at(8, 30)]), strict=True))
    assert (counts["08:00"], counts["08:30"], sum(counts.values())) == (2, 1, 3)


def test_half_hours_that_have_not_begun_are_not_counted_as_empty() -> None:
    assert curve.begun(at(8, 10)) == 5
    assert curve.begun(datetime(2026, 11, 23, 16, tzinfo=UTC)) == 0


def test_the_forecast_follows_last_week_scaled_by_how_today_goes() -> None:
    slots = len(curve.slots())
    last_week, done = [10] * slots, 10
    busy = [20] * done + [0] * (slots - done)
    forecast = curve.forecast(busy, last_week, done)
    assert forecast[: done - 1] == [None] * (done - 1)
    assert all(value is not None and 15 < value <= 20 for value in forecast[done - 1 :])


def test_no_calls_at_all_give_a_forecast_without_division_by_zero() -> None:
    empty = [0] * len(curve.slots())
    assert set(curve.forecast(empty, empty, 1)) == {0.0}
