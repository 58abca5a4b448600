"""Which rung of which ladder, and when it is reached."""

from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.calendars import WorkCalendar
from app.catalogue.clocks import Clock, Limit
from app.clock import QuietHours
from app.supervision.ladder import DEFAULT_LADDER, Post, Rung, alarms, fitting

DUE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_the_nearest_area_then_the_nearest_class_replaces_the_wider_ladders() -> None:
    everywhere, covers = Rung(80, Post.HANDLER), Rung(50, Post.HEAD, class_code="C01")
    district = Rung(90, Post.LEADER, area_code="330212")
    rungs = [everywhere, covers, district]
    assert fitting(rungs, "330203001", "E0101") == [everywhere]
    assert fitting(rungs, "330203001", "C0103") == [covers]
    assert fitting(rungs, "330212008", "C0103") == [district]
    assert fitting([], "330212", "C0103") == []


@pytest.mark.parametrize(("percent", "minutes"), [(50, -60), (80, -24), (100, 0), (150, 60)])
def test_a_rung_is_reached_at_its_share_of_the_limit(percent: int, minutes: int) -> None:
    limit, calendar = Limit(2, Clock.URGENT_HOUR), WorkCalendar()
    (alarm,) = alarms([Rung(percent, Post.HANDLER)], DUE, limit, 0, calendar)
    assert alarm.at == DUE + timedelta(minutes=minutes)


def test_an_extension_makes_the_whole_limit_longer() -> None:
    (alarm,) = alarms([Rung(50, Post.HANDLER)], DUE, Limit(2, Clock.URGENT_HOUR), 1, WorkCalendar())
    assert alarm.at == DUE - timedelta(hours=2)


def test_the_default_ladder_goes_from_the_handler_to_the_head_to_the_leader() -> None:
    first: dict[Post, int] = {}
    for rung in DEFAULT_LADDER:
        first[rung.post] = min(first.get(rung.post, rung.percent), rung.percent)
    assert first == {Post.HANDLER: 50, Post.HEAD: 80, Post.LEADER: 100}


@pytest.mark.parametrize(
    ("hour", "is_quiet"), [(21, False), (22, True), (23, True), (0, True), (6, True), (7, False), (12, False)]
)
def test_quiet_hours_run_over_midnight(hour: int, is_quiet: bool) -> None:
    moment = datetime(2026, 11, 24, (hour - 8) % 24, 30, tzinfo=UTC)
    assert QuietHours(22, 7).hold(moment) is is_quiet
    assert QuietHours(7, 7).hold(moment) is False
