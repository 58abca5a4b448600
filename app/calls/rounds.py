"""Rounds of waiting: as long as a caller waits, the carrier's queue asks every few seconds what to play.

Nearly all of them change nothing. So a round only reads, in one statement and without a transaction or a lock; what has
to be written is one statement that takes effect only if nobody was quicker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update

from app import clock
from app.calls import plan
from app.calls.models import Call, CallState
from app.calls.plan import Url, Verbs
from app.db import session
from app.desk import queries as desk
from app.desk.choice import Waiter, position_of
from app.desk.models import WaitingEntry
from telephony.ports import Waiting

# A sign of life need not be written down every few seconds: `repairs.SILENT_AFTER` is ten times as long.
NOTE_AFTER = timedelta(seconds=30)

_CALL, _ENTRY = cast("Table", Call.__table__), cast("Table", WaitingEntry.__table__)
_ROUND = (
    select(
        _CALL.c.id,
        _CALL.c.state,
        _CALL.c.announced_position,
        _CALL.c.last_contact_at,
        desk.IS_ANYONE_ONLINE.label("is_online"),
        desk.IS_ANYONE_FREE.label("is_free"),
        *desk.WAITER,
    )
    .select_from(_CALL.outerjoin(_ENTRY, desk.STILL_WAITS))
    .where(_CALL.c.sid == bindparam("sid"))
)
_NOTE = (
    update(_CALL)
    .where(_CALL.c.id == bindparam("of_call"), _CALL.c.announced_position.is_not_distinct_from(bindparam("before")))
    .values(announced_position=bindparam("now_announced"), last_contact_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Round:
    """`announced`: the best position the caller was told so far."""

    call_id: int
    state: CallState
    announced: int | None
    last_contact_at: datetime
    is_anyone_online: bool
    is_anyone_free: bool
    position: int | None

    @property
    def is_news(self) -> bool:
        return self.position is not None and (self.announced is None or self.position < self.announced)

    @property
    def may_be_served(self) -> bool:
        return self.state == CallState.WAITING and self.is_anyone_free


def see(sid: str) -> Round | None:
    rows = session().execute(_ROUND, {"sid": sid, **desk.moments()}).all()
    if not rows:
        return None
    first = rows[0]
    return Round(
        first.id,
        CallState(first.state),
        first.announced_position,
        first.last_contact_at,
        bool(first.is_online),
        bool(first.is_free),
        _position(first.id, desk.waiters_in(rows)),
    )


def _position(call_id: int, waiters: list[Waiter]) -> int | None:
    mine = next((waiter for waiter in waiters if waiter.call_id == call_id), None)
    return position_of(mine.entry_id, waiters) if mine is not None else None


def play(seen: Round, waiting: Waiting, url: Url) -> Verbs:
    if seen.state == CallState.ENDED:
        return plan.hang_up()
    if seen.state == CallState.TALKING:
        return plan.pause()
    if seen.state == CallState.WAITING and (not seen.is_anyone_online or waiting.waited > plan.LONGEST_WAIT):
        return plan.give_up_waiting()
    return plan.wait(url, position=seen.position, announced=seen.announced, average_wait=waiting.average_wait)


def has_to_be_noted(seen: Round) -> bool:
    if seen.state == CallState.ENDED:
        return False
    return seen.is_news or seen.last_contact_at < clock.now() - NOTE_AFTER


def note(seen: Round) -> None:
    """The row keeps its version: nothing of this is shown on a console."""
    announced = seen.position if seen.is_news else seen.announced
    facts = {"of_call": seen.call_id, "before": seen.announced, "now_announced": announced, "now": clock.now()}
    session().execute(_NOTE, facts)
