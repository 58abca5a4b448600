"""Hours that pass midnight, seasons that pass the new year, weekdays, and what is refused."""

from datetime import date, time

import pytest

from app.errors import Invalid
from app.network.routing import RouteQuery, Rule, RuleIndex, SubjectKind, Territory, UnitRef, route
from app.network.whens import ALWAYS, When

NIGHT = When(time_from=time(22), time_to=time(6))
WINTER = When(season_from="11-15", season_to="03-15")


@pytest.mark.parametrize(("at", "holds"), [("22:00", True), ("23:59", True), ("05:59", True), ("06:00", False)])
def test_hours_may_pass_midnight_and_end_before_their_end(at: str, holds: bool) -> None:
    assert NIGHT.holds_at(time.fromisoformat(at)) is holds


@pytest.mark.parametrize(
    ("day", "holds"),
    [("2026-11-14", False), ("2026-11-15", True), ("2027-01-01", True), ("2027-03-15", True), ("2027-03-16", False)],
)
def test_a_season_may_pass_the_new_year_and_includes_both_its_days(day: str, holds: bool) -> None:
    assert WINTER.holds_on(date.fromisoformat(day)) is holds


def test_weekdays_count_from_monday() -> None:
    assert When(weekdays="67").holds_on(date(2026, 11, 28))
    assert not When(weekdays="67").holds_on(date(2026, 11, 24))


def test_a_rule_without_conditions_is_always() -> None:
    assert not ALWAYS
    assert When(most_load=3)


@pytest.mark.parametrize(
    ("when", "field"),
    [
        (When(time_from=time(8)), "time_to"),
        (When(time_from=time(8), time_to=time(8)), "time_to"),
        (When(weekdays="18"), "weekdays"),
        (When(weekdays="11"), "weekdays"),
        (When(season_from="02-30", season_to="03-01"), "season_to"),
        (When(season_from="02-01"), "season_to"),
        (When(most_load=0), "most_load"),
        (When(condition_no=0), "condition_no"),
    ],
)
def test_nonsense_is_refused_and_the_field_is_named(when: When, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        when.check()
    assert field in refused.value.facts["fields"]


def test_a_full_unit_is_passed_by_and_the_route_says_why_and_with_whom() -> None:
    def rule(place: int, when: When) -> Rule:
        partner = (UnitRef(9, "协办"), UnitRef(place, "自己"))
        unit = UnitRef(place, f"单位{place}")
        return Rule(place, place, "", "全市", SubjectKind.ANY, "*", unit, when=when, co_units=partner, crew="夜班")

    index = RuleIndex([rule(1, When(most_load=5)), rule(2, ALWAYS)], [Territory("3302", "全市", UnitRef(3, "中心"))])

    def asked(load: int) -> RouteQuery:
        return RouteQuery(
            "E0102", "环卫", "", "330212", None, None, date(2026, 11, 24), "垃圾", 1, load=lambda _unit: load
        )

    free, full = route(asked(4), index), route(asked(5), index)
    assert (free.unit_id, free.load, free.runner_up_id) == (1, 4, 2)
    assert "在办少于 5 件时" in free.explanation
    assert free.record["inputs"]["load"] == 4
    assert free.record["co_units"] == ["协办"]
    assert (full.unit_id, full.load, full.crew) == (2, None, "夜班")
    assert "load" not in full.record["inputs"]
