"""Who is served next and by whom. Pure: rows in, pairs out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A caller's place is worth its age; a danger word is worth this much waiting. No weight beats age for ever, so nobody
# starves: after ten minutes a normal call stands before a new dangerous one.
LIFT = {0: timedelta(0), 1: timedelta(minutes=2), 2: timedelta(minutes=10)}


@dataclass(frozen=True, slots=True)
class Waiter:
    """`is_front`: came back from an agent who did not answer or was lost, and stands before everybody else."""

    entry_id: int
    call_id: int
    ranked_since: datetime
    weight: int = 0
    is_front: bool = False
    is_offered: bool = False


@dataclass(frozen=True, slots=True)
class FreeAgent:
    account_id: int
    idle_since: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    entry_id: int
    call_id: int
    account_id: int


def queue_order(waiters: Iterable[Waiter]) -> list[Waiter]:
    """Front first, then by age with the lift. Age grows alike for all, so the order does not depend on the time."""
    return sorted(waiters, key=lambda w: (not w.is_front, w.ranked_since - LIFT[w.weight], w.entry_id))


def agent_order(agents: Iterable[FreeAgent]) -> list[FreeAgent]:
    """Longest idle first."""
    return sorted(agents, key=lambda a: (a.idle_since, a.account_id))


def pairs(waiters: Iterable[Waiter], agents: Iterable[FreeAgent]) -> list[Pair]:
    """The offers to make now, first things first; every agent and every caller at most once."""
    unoffered = [w for w in queue_order(waiters) if not w.is_offered]
    return [Pair(w.entry_id, w.call_id, a.account_id) for w, a in zip(unoffered, agent_order(agents), strict=False)]


def position_of(entry_id: int, waiters: Iterable[Waiter]) -> int | None:
    """From 1; None if the entry does not wait."""
    for place, waiter in enumerate(queue_order(waiters), start=1):
        if waiter.entry_id == entry_id:
            return place
    return None
