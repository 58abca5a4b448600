"""Reading the desk: seats, the queue in its order, and its figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, case, func, or_, select

from app import clock
from app.accounts.models import Account
from app.db import session
from app.desk.cards import SeatCard, card_of
from app.desk.choice import FreeAgent, Pair, Waiter, pairs, position_of, queue_order
from app.desk.models import Outcome, Seat, SeatConnection, SeatState, Status, WaitingEntry
from app.desk.presence import SILENT_AFTER
from app.desk.seats import LOST_AFTER

ANSWER_WITHIN = timedelta(seconds=20)
RING_BACK = timedelta(minutes=10)
# Ringing at a seat whose browser is gone is pointless, but a reloaded page may still answer.
LOST_RING = timedelta(seconds=5)


def seat_of(account_id: int) -> Seat | None:
    return session().get(Seat, account_id)


def seat_cards() -> list[SeatCard]:
    """Every seat ever taken, by work number."""
    rows = session().execute(
        select(Seat, Account).join(Account, Account.id == Seat.account_id).order_by(Account.work_no)
    )
    return [card_of(seat, account) for seat, account in rows]


# Bare columns, and statements made once: every round of every caller's waiting asks them.
_SEAT, _ENTRY = cast("Table", Seat.__table__), cast("Table", WaitingEntry.__table__)
# An agent is there who serves callers now or after the present one. A seat just lost still counts: when a web process
# restarts, nobody is sent to the voicemail for it.
_IS_THERE = or_(_SEAT.c.lost_at.is_(None), _SEAT.c.lost_at > bindparam("lost_before"))
IS_ANYONE_ONLINE = select(_SEAT.c.account_id).where(_SEAT.c.status != Status.OFFLINE, _IS_THERE).exists()
_IS_FREE = (_SEAT.c.status == Status.READY, _SEAT.c.state == SeatState.IDLE, _SEAT.c.lost_at.is_(None))
IS_ANYONE_FREE = select(_SEAT.c.account_id).where(*_IS_FREE).exists()
STILL_WAITS = _ENTRY.c.left_at.is_(None)
WAITING = select(func.count()).select_from(_ENTRY).where(STILL_WAITS).scalar_subquery()
WAITER = (
    _ENTRY.c.id.label("entry_id"),
    _ENTRY.c.call_id.label("waiting_call_id"),
    _ENTRY.c.ranked_since,
    _ENTRY.c.weight,
    _ENTRY.c.is_front,
    _ENTRY.c.offered_to,
)
_ANYONE_ONLINE, _ANYONE_FREE = select(IS_ANYONE_ONLINE), select(IS_ANYONE_FREE)
_SERVICE = select(IS_ANYONE_ONLINE, WAITING)
_WAITERS = select(*WAITER).where(STILL_WAITS)
_FREE_AGENTS = select(_SEAT.c.account_id, _SEAT.c.idle_since).where(*_IS_FREE)


def moments() -> dict[str, datetime]:
    """What `IS_ANYONE_ONLINE` has to be told."""
    return {"lost_before": clock.now() - LOST_AFTER}


def is_anyone_online() -> bool:
    return bool(session().scalar(_ANYONE_ONLINE, moments()))


def is_anyone_free() -> bool:
    return bool(session().scalar(_ANYONE_FREE))


def waiters() -> list[Waiter]:
    return waiters_in(session().execute(_WAITERS))


def waiters_in(rows: Iterable[Any]) -> list[Waiter]:
    """`rows` carry the columns of `WAITER`; an outer join gives one without an entry when nobody waits."""
    return [
        Waiter(
            row.entry_id, row.waiting_call_id, row.ranked_since, row.weight, row.is_front, row.offered_to is not None
        )
        for row in rows
        if row.entry_id is not None
    ]


def waiting_entries() -> list[WaitingEntry]:
    """In the order they will be served."""
    found = {row.id: row for row in session().scalars(select(WaitingEntry).where(WaitingEntry.left_at.is_(None)))}
    return [found[waiter.entry_id] for waiter in queue_order(waiters()) if waiter.entry_id in found]


def next_pairs() -> list[Pair]:
    """Whom to offer to whom now."""
    agents = session().execute(_FREE_AGENTS)
    free = [FreeAgent(*row) for row in agents]
    return pairs(waiters(), free) if free else []


def service_and_queue() -> tuple[bool, int]:
    """Whether anyone is online, and how many wait."""
    is_served, length = session().execute(_SERVICE, moments()).one()
    return bool(is_served), length


@dataclass(frozen=True, slots=True)
class Entrance:
    """The queue as somebody finds it who is about to enter. `earlier_place`: kept for who rings back soon."""

    is_anyone_online: bool
    waiters: list[Waiter]
    earlier_place: datetime | None


_RANG_BEFORE = (
    select(_ENTRY.c.ranked_since)
    .where(
        _ENTRY.c.caller_hash == bindparam("caller_hash"),
        _ENTRY.c.left_at >= bindparam("left_after"),
        _ENTRY.c.outcome == Outcome.ABANDONED,
    )
    .order_by(_ENTRY.c.left_at.desc())
    .limit(1)
    .scalar_subquery()
)
_DESK = select(IS_ANYONE_ONLINE.label("is_online"), _RANG_BEFORE.label("earlier_place")).subquery()
_ENTRANCE = select(*_DESK.c, *WAITER).select_from(_DESK.outerjoin(_ENTRY, STILL_WAITS))


def entrance(caller_hash: str | None) -> Entrance:
    """In one statement: asked whenever a caller has answered the greeting."""
    asked = {**moments(), "caller_hash": caller_hash, "left_after": clock.now() - RING_BACK}
    rows = session().execute(_ENTRANCE, asked).all()
    return Entrance(bool(rows[0].is_online), waiters_in(rows), rows[0].earlier_place)


def position_in_queue(entry_id: int) -> int | None:
    return position_of(entry_id, waiters())


def entries_of(call_ids: Iterable[int]) -> dict[int, WaitingEntry]:
    """The places of many calls, waiting or not, by call."""
    found = session().scalars(select(WaitingEntry).where(WaitingEntry.call_id.in_(call_ids)))
    return {entry.call_id: entry for entry in found}


def due_offers() -> Sequence[tuple[int, bool]]:
    """(call, whether the agent let it ring): rung out, or rung at a seat that is no longer there."""
    now = clock.now()
    rows = session().execute(
        select(WaitingEntry.call_id, WaitingEntry.offered_until <= now)
        .join(Seat, Seat.account_id == WaitingEntry.offered_to)
        .where(WaitingEntry.left_at.is_(None))
        .where(or_(WaitingEntry.offered_until <= now, Seat.lost_at <= now - LOST_RING))
    )
    return [(call_id, bool(is_rung_out)) for call_id, is_rung_out in rows]


def due_wrap_ups() -> Sequence[int]:
    return (
        session()
        .scalars(select(Seat.account_id).where(Seat.state == SeatState.WRAP_UP, Seat.wrap_up_until <= clock.now()))
        .all()
    )


def silent_seats() -> Sequence[int]:
    oldest = clock.now() - SILENT_AFTER
    return session().scalars(select(SeatConnection.account_id).where(SeatConnection.seen_at < oldest).distinct()).all()


def lost_seats() -> Sequence[int]:
    return (
        session()
        .scalars(select(Seat.account_id).where(Seat.status != Status.OFFLINE, Seat.lost_at <= clock.now() - LOST_AFTER))
        .all()
    )


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """`service_level`, 0..1: answered within 20 s / (answered + abandoned), of those who entered the queue since then.

    None before the first call; a person who is still waiting counts on neither side.
    """

    waiting: int
    longest_wait_since: datetime | None
    talking: int
    ready: int
    online: int
    seats: int
    answered: int
    abandoned: int
    service_level: float | None


def figures(since: datetime) -> DeskFigures:
    waiting, longest = (
        session()
        .execute(select(func.count(), func.min(WaitingEntry.entered_at)).where(WaitingEntry.left_at.is_(None)))
        .one()
    )
    talking, ready, online, seats = tuple(session().execute(_seat_counts()).one())
    answered, in_time, abandoned = _outcomes(since)
    total = answered + abandoned
    return DeskFigures(
        waiting=waiting,
        longest_wait_since=longest,
        talking=talking or 0,
        ready=ready or 0,
        online=online or 0,
        seats=seats,
        answered=answered,
        abandoned=abandoned,
        service_level=in_time / total if total else None,
    )


def _seat_counts() -> Select[Any]:
    is_there = (Seat.status != Status.OFFLINE) & Seat.lost_at.is_(None)
    is_ready = is_there & (Seat.status == Status.READY) & (Seat.state == SeatState.IDLE)
    is_talking = Seat.state.in_([SeatState.TALKING, SeatState.HOLD])
    return select(
        *(func.sum(case((which, 1), else_=0)) for which in (is_talking, is_ready, is_there)), func.count()
    ).select_from(Seat)


def _outcomes(since: datetime) -> tuple[int, int, int]:
    """Answered, answered in time, abandoned."""
    is_answered, is_abandoned = WaitingEntry.answer_seconds.is_not(None), WaitingEntry.outcome == Outcome.ABANDONED
    is_in_time = WaitingEntry.answer_seconds <= ANSWER_WITHIN.total_seconds()
    which = (is_answered, is_in_time, is_abandoned & ~is_answered)
    row = session().execute(
        select(*(func.sum(case((each, 1), else_=0)) for each in which)).where(WaitingEntry.entered_at >= since)
    )
    answered, in_time, abandoned = tuple(row.one())
    return answered or 0, in_time or 0, abandoned or 0
