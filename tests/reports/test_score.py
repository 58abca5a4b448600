"""The published formula, and Ningbo's published figures as a test of the arithmetic."""

import pytest

from app.reports.score import Counts, ratio, score


def test_nothing_to_resolve_has_no_score_rather_than_a_bad_one() -> None:
    assert score(Counts(0, 0, 0, 0, 0, 0)) is None
    assert ratio(0, 0) is None


def test_a_faultless_month_scores_a_hundred() -> None:
    assert score(Counts(50, 50, 50, 0, 50, 0)) == 100.0


def test_the_formula_weighs_as_published() -> None:
    counts = Counts(
        should_resolve=100, resolved=90, on_time=80, overdue_open=10, should_close=90, reworked=9, extended=5
    )
    assert score(counts) == pytest.approx(30 * 0.9 + 20 * 0.8 + 20 * 0.9 + 20 * 0.9 + 10 * 0.95, abs=0.05)


def test_ningbos_published_resolution_rate() -> None:
    assert round((ratio(140_150, 152_234) or 0) * 100, 2) == 92.06
