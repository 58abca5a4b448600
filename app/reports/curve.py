"""Calls per half hour: today, the same day last week, and what today will probably bring. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.clock import local

HALF_HOUR = timedelta(minutes=30)
FIRST, LAST = 12, 44  # 06:00 to 22:00, in half hours from midnight


def slots() -> list[str]:
    return [f"{i // 2:02d}:{i % 2 * 30:02d}" for i in range(FIRST, LAST)]


def per_slot(moments: Iterable[datetime]) -> list[int]:
    counts = [0] * (LAST - FIRST)
    for moment in moments:
        at = local(moment)
        index = at.hour * 2 + at.minute // 30 - FIRST
        if 0 <= index < len(counts):
            counts[index] += 1
    return counts


def begun(now: datetime) -> int:
    """How many of the slots have begun."""
    at = local(now)
    return min(max(at.hour * 2 + at.minute // 30 + 1 - FIRST, 0), LAST - FIRST)


def forecast(today: list[int], last_week: list[int], done: int) -> list[float | None]:
    """Last week's shape, smoothed, scaled by how today compares with it so far; from the slot now running on."""
    so_far, then = sum(today[: max(done - 1, 0)]), sum(last_week[: max(done - 1, 0)])
    # With little to compare, last week counts more: ten calls of doubt on either side.
    factor = (so_far + 10) / (then + 10)
    smooth = [_mean(last_week[max(0, i - 1) : i + 2]) for i in range(len(last_week))]
    return [None if i < done - 1 else round(value * factor, 1) for i, value in enumerate(smooth)]


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0
