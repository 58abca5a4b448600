"""The published score of a district or unit. Pure.

Source: the score Ningbo publishes: 100 = 处置率×30 + 按期处置率×20 + (1−返工率)×20 + (1−超期待处置率)×20 +
(1−延期率)×10.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """`should_resolve`: resolved or already due; `should_close`: fed back at least once."""

    should_resolve: int
    resolved: int
    on_time: int
    overdue_open: int
    should_close: int
    reworked: int
    extended: int = 0


def ratio(part: int, whole: int) -> float | None:
    """None, not zero, when there was nothing to do."""
    return part / whole if whole else None


def score(counts: Counts) -> float | None:
    """0..100, one decimal; None for whoever had nothing to resolve."""
    if counts.should_resolve == 0:
        return None
    resolution = counts.resolved / counts.should_resolve
    on_time = counts.on_time / counts.should_resolve
    rework = ratio(counts.reworked, counts.should_close) or 0.0
    overdue = counts.overdue_open / counts.should_resolve
    extension = counts.extended / counts.should_resolve
    total = 30 * resolution + 20 * on_time + 20 * (1 - rework) + 20 * (1 - overdue) + 10 * (1 - extension)
    return round(max(0.0, total), 1)
