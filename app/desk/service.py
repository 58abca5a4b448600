"""The waiting queue: entering, offering, claiming, coming back, leaving.

Ringing means that the agent's console rings; no telephone line is built before someone answers. The caller of these
functions holds the call's row, so a call's entry has one writer at a time.
"""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update

from app import clock
from app.db import session
from app.desk import seats
from app.desk.choice import Pair
from app.desk.models import Outcome, WaitingEntry
from app.errors import Conflict, NotFound
from app.inserts import insert_now

HOTLINE = "hotline"
RING = timedelta(seconds=20)


def enter_queue(
    call_id: int,
    *,
    caller_hash: str | None,
    weight: int = 0,
    earlier_place: datetime | None = None,
    was_here: bool = True,
) -> WaitingEntry:
    """Once per call; again is the same entry, reopened. Someone who rings back soon keeps the old place.

    `was_here`: whether this call may have an entry already; for one that never queued nobody needs to look.
    """
    if was_here and (known := _locked(call_id)) is not None:
        known.left_at = known.outcome = None
        return known
    now = clock.now()
    entry = WaitingEntry(
        call_id=call_id,
        queue=HOTLINE,
        caller_hash=caller_hash,
        entered_at=now,
        ranked_since=earlier_place or now,
        weight=weight,
        is_front=False,
        returns=0,
    )
    insert_now(entry)
    return entry


def kept_place(entry: WaitingEntry) -> bool:
    return entry.ranked_since < entry.entered_at


def lift(call_id: int, weight: int) -> bool:
    """Danger words heard while waiting move a caller up, never down."""
    entry = find_entry(call_id)
    if entry is None or entry.left_at is not None or entry.weight >= weight:
        return False
    entry.weight = weight
    return True


def offer(pair: Pair) -> WaitingEntry | None:
    """Let the agent's console ring. None if either side is taken meanwhile."""
    entry = _locked(pair.call_id)
    if entry is None or entry.left_at is not None or entry.offered_to is not None:
        return None
    seat = seats.locked(pair.account_id)
    if not seats.is_free(seat):
        return None
    entry.offered_to, entry.offered_until = pair.account_id, clock.now() + RING
    seats.start_ringing(seat, pair.call_id)
    return entry


def claim(call_id: int, account_id: int) -> WaitingEntry:
    """The first claim wins; a repeated one by the winner is fine. Others get Conflict with `winner`."""
    entry = _locked(call_id)
    if entry is None:
        raise NotFound("这通来电不在队列中")
    if entry.left_at is not None:
        return _already_left(entry, account_id)
    involved = seats.locked_all({account_id, entry.offered_to or account_id})
    seats.check_free(involved[account_id], call_id)
    if entry.offered_to not in (None, account_id):
        seats.stop_ringing(involved[entry.offered_to], call_id, is_missed=False)
    _take_out(entry, Outcome.ANSWERED)
    entry.answered_by = account_id
    if entry.answer_seconds is None:
        entry.answer_seconds = (clock.now() - entry.entered_at).total_seconds()
    seats.start_talking(involved[account_id], call_id)
    return entry


def withdraw(call_id: int, *, is_missed: bool) -> int | None:
    """Nobody answered in time, or the agent went away: back to the front. Returns who was rung."""
    entry = _locked(call_id)
    if entry is None or entry.left_at is not None or entry.offered_to is None:
        return None
    rung = entry.offered_to
    seats.stop_ringing(seats.locked(rung), call_id, is_missed=is_missed)
    _to_front(entry)
    return rung


def give_back(call_id: int) -> WaitingEntry | None:
    """An answered call lost its agent: it stands at the front again, with its original clock."""
    entry = _locked(call_id)
    if entry is None:
        return None
    if entry.answered_by is not None:
        seats.drop_talk(entry.answered_by, call_id)
    entry.left_at, entry.outcome, entry.answered_by = None, None, None
    _to_front(entry)
    return entry


def hand_over(call_id: int, account_id: int) -> None:
    """The talk has a new agent; it is their seat that a lost line frees."""
    entry = _locked(call_id)
    if entry is not None:
        entry.answered_by = account_id


def leave_queue(call_id: int, outcome: Outcome) -> WaitingEntry | None:
    """None if the call does not wait; an answered one keeps its outcome."""
    now = clock.now()
    gone = session().execute(_LEAVE, {"of_call": call_id, "now": now, "how": outcome}).first()
    if gone is not None:  # nobody was rung, which is by far the commonest: nothing else has to change
        return WaitingEntry(**gone._mapping)
    entry = _locked(call_id)
    if entry is None or entry.left_at is not None:
        return None
    if entry.offered_to is not None:
        seats.stop_ringing(seats.locked(entry.offered_to), call_id, is_missed=False)
    _take_out(entry, outcome)
    return entry


_ENTRY = cast("Table", WaitingEntry.__table__)
_LEAVE = (
    update(_ENTRY)
    .where(_ENTRY.c.call_id == bindparam("of_call"), _ENTRY.c.left_at.is_(None), _ENTRY.c.offered_to.is_(None))
    .values(left_at=bindparam("now"), outcome=bindparam("how"), version=_ENTRY.c.version + 1)
    .returning(_ENTRY.c.id, _ENTRY.c.call_id, _ENTRY.c.entered_at, _ENTRY.c.offered_to, _ENTRY.c.offered_until)
)


def find_entry(call_id: int) -> WaitingEntry | None:
    return session().scalar(select(WaitingEntry).where(WaitingEntry.call_id == call_id))


def _locked(call_id: int) -> WaitingEntry | None:
    query = select(WaitingEntry).where(WaitingEntry.call_id == call_id).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def _already_left(entry: WaitingEntry, account_id: int) -> WaitingEntry:
    if entry.outcome != Outcome.ANSWERED:
        raise Conflict("来电已挂断")
    if entry.answered_by != account_id:
        winner = seats.name_of(entry.answered_by)
        raise Conflict(f"这通来电已由{winner}接听", winner=winner)
    return entry


def _to_front(entry: WaitingEntry) -> None:
    entry.offered_to, entry.offered_until = None, None
    entry.is_front = True
    entry.returns += 1


def _take_out(entry: WaitingEntry, outcome: Outcome) -> None:
    entry.offered_to, entry.offered_until = None, None
    entry.left_at, entry.outcome = clock.now(), outcome
