"""The districts' score counts what the workflow left on the cases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.db import work
from app.reports.ranking import ranking
from tests.cases.conftest import Town

# Long before the demonstration's own cases.
JUNE = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)


def score_of(town: Town, district: str = "330212") -> float | None:
    with town.app.app_context(), work():
        return next((line.score for line in ranking(clock.now(), {}) if line.code == district), None)


@pytest.fixture
def extended(town: Town, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Handed in on time after an extension; the city has not confirmed the closing yet."""
    settings = town.app.extensions["settings"].model_copy(update={"city_confirms_closing": True})
    monkeypatch.setitem(town.app.extensions, "settings", settings)
    town.at(JUNE)
    case = town.file()
    unit = town.unit(case["unit"]["id"])
    town.act(unit, "accept", case)
    town.act(unit, "ask_extension", case, reason="备件未到")
    town.act(town.dispatcher, "grant_extension", case)
    town.feed_back(unit, case)
    town.act(town.inspector, "pass_check", case)
    town.later(hours=1)
    return case


def test_what_waits_for_the_city_is_resolved_and_an_extension_costs_its_tenth(
    town: Town, extended: dict[str, Any]
) -> None:
    assert score_of(town) == 90.0


def test_a_forced_closing_resolves_nothing_and_an_upheld_appeal_makes_good(
    town: Town, extended: dict[str, Any]
) -> None:
    forced = town.file(description="百丈路口另一处井盖松了")
    town.act(town.supervisor, "force_close", forced, reason="随道路改造一并实施")
    town.later(hours=1)
    # Of two one is resolved and on time; half are extended.
    assert score_of(town) == 30 * 0.5 + 20 * 0.5 + 20 + 20 + 10 * 0.5
    town.act(town.supervisor, "overrule_closing", extended, reason="照片看不出修复")
    unit = town.unit(extended["unit"]["id"])
    town.later(days=20)
    town.feed_back(unit, extended, "blue")
    late = score_of(town)
    town.act(unit, "appeal", extended, reason="台风期间道路封闭")
    for reviewer in (town.dispatcher, town.supervisor):
        town.act(reviewer, "uphold_appeal", extended, reason="属实")
    assert late is not None
    assert score_of(town) == late + 10


def test_nothing_to_resolve_has_no_place(town: Town) -> None:
    town.at(JUNE + timedelta(hours=1))
    town.file()
    assert score_of(town) is None
