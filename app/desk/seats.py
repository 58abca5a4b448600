"""What happens to a seat. The agent chooses the status, the system keeps the state; both change here only.

Whoever needs several rows locks them in the order call, queue entry, seats: so that no two writers wait for each other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from app import clock
from app.accounts.models import Account
from app.db import session
from app.desk.cards import card_of
from app.desk.models import Seat, SeatState, Status
from app.errors import Conflict, Invalid
from app.events.service import record

WRAP_UP = timedelta(seconds=45)
WRAP_UP_EXTENSION = timedelta(seconds=60)
MISSES_ALLOWED = 2
MISSED, UNDISPOSED, LOST = "未应答", "未登记小结", "连接中断"
# A reloaded page is back within seconds; only a browser that stays away takes the agent off the list.
LOST_AFTER = timedelta(seconds=60)

_IN_TALK = (SeatState.TALKING, SeatState.HOLD)


def locked(account_id: int) -> Seat:
    """The agent's seat, made on first use, held until the transaction ends."""
    return locked_all([account_id])[account_id]


def locked_all(account_ids: Iterable[int]) -> dict[int, Seat]:
    """Always in the order of their ids: two claims that cross must not wait for each other."""
    wanted = sorted(set(account_ids))
    query = select(Seat).where(Seat.account_id.in_(wanted)).order_by(Seat.account_id)
    rows = session().scalars(query.with_for_update().execution_options(populate_existing=True))
    found = {seat.account_id: seat for seat in rows}
    for account_id in wanted:
        if account_id not in found:
            found[account_id] = _make(account_id)
    return found


def set_status(account_id: int, status: Status, reason: str = "") -> Seat:
    """The agent's own choice. During a talk it takes effect afterwards."""
    seat = locked(account_id)
    _check_status(seat, status, reason)
    if (seat.status, seat.reason) == (status, reason):
        return seat
    now = clock.now()
    if status is Status.READY and seat.status != Status.READY:
        seat.idle_since, seat.misses = now, 0
    if status is Status.OFFLINE:
        _rest(seat, now)
    seat.status, seat.reason = status, reason
    if seat.state == SeatState.IDLE:
        seat.since = now
    _tell(seat)
    return seat


def start_ringing(seat: Seat, call_id: int) -> None:
    _enter(seat, SeatState.RINGING, call_id)


def stop_ringing(seat: Seat, call_id: int, *, is_missed: bool) -> None:
    """After the second call in a row that was let ring the agent is taken off the list."""
    if (seat.state, seat.call_id) != (SeatState.RINGING, call_id):
        return
    now = clock.now()
    _rest(seat, now)
    if is_missed:
        seat.misses += 1
        if seat.misses >= MISSES_ALLOWED and seat.status == Status.READY:
            seat.status, seat.reason = Status.BUSY, MISSED
    _tell(seat)


def start_talking(seat: Seat, call_id: int) -> None:
    seat.misses = 0
    _enter(seat, SeatState.TALKING, call_id)


def drop_talk(account_id: int, call_id: int) -> None:
    """The talk never came about or its line was lost: no wrap-up, the caller is served again."""
    seat = locked(account_id)
    if seat.call_id == call_id and seat.state in _IN_TALK:
        _rest(seat, clock.now())
        _tell(seat)


def set_hold(account_id: int, call_id: int, held: bool) -> None:
    seat = locked(account_id)
    state = SeatState.HOLD if held else SeatState.TALKING
    if seat.call_id == call_id and seat.state in _IN_TALK and seat.state != state:
        _enter(seat, state, call_id)


def begin_wrap_up(account_id: int, call_id: int, *, is_disposed: bool) -> None:
    seat = locked(account_id)
    if seat.call_id != call_id or seat.state not in _IN_TALK:
        return
    seat.wrap_up_until = clock.now() + WRAP_UP
    seat.owes_call_id = None if is_disposed else call_id
    _enter(seat, SeatState.WRAP_UP, call_id)


def note_disposed(account_id: int, call_id: int) -> None:
    seat = locked(account_id)
    if seat.owes_call_id == call_id:
        seat.owes_call_id = None
        if seat.status == Status.BUSY and seat.reason == UNDISPOSED:
            seat.status, seat.reason, seat.idle_since = Status.READY, "", clock.now()
        _tell(seat)


def finish_wrap_up(account_id: int) -> Seat:
    seat = locked(account_id)
    if seat.state != SeatState.WRAP_UP:
        raise Conflict("当前不在话后处理")
    if seat.owes_call_id is not None:
        raise Conflict("请先登记这通电话的处理结果", call_id=seat.owes_call_id)
    _rest(seat, clock.now())
    _tell(seat)
    return seat


def extend_wrap_up(account_id: int) -> Seat:
    seat = locked(account_id)
    if seat.state != SeatState.WRAP_UP or seat.wrap_up_until is None:
        raise Conflict("当前不在话后处理")
    if seat.extended:
        raise Conflict("话后时间只能延长一次")
    seat.wrap_up_until += WRAP_UP_EXTENSION
    seat.extended = True
    _tell(seat)
    return seat


def end_due_wrap_up(account_id: int) -> None:
    """Time is up: ready again, unless the talk still lacks its disposition."""
    seat, now = locked(account_id), clock.now()
    if seat.state != SeatState.WRAP_UP or seat.wrap_up_until is None or seat.wrap_up_until > now:
        return
    _rest(seat, now)
    if seat.owes_call_id is not None and seat.status == Status.READY:
        seat.status, seat.reason = Status.BUSY, UNDISPOSED
    _tell(seat)


def lose(account_id: int) -> None:
    """The last browser is gone. Whatever the seat was doing stays as it is: a caller is never dropped for it."""
    seat = locked(account_id)
    if seat.lost_at is None:
        seat.lost_at = clock.now()
        if seat.status != Status.OFFLINE:
            _tell(seat)


def has_seat(account_id: int) -> bool:
    """A supervisor who only watches the wall has none, and gets none by opening a browser."""
    return session().get(Seat, account_id) is not None


def find_again(account_id: int) -> None:
    if not has_seat(account_id):
        return
    seat = locked(account_id)
    if seat.lost_at is not None:
        seat.lost_at = None
        if seat.status != Status.OFFLINE:
            _tell(seat)


def sign_out_lost(account_id: int) -> None:
    """Not in a talk: the agent may come back to it."""
    seat, now = locked(account_id), clock.now()
    if seat.lost_at is None or seat.lost_at > now - LOST_AFTER or seat.state not in (SeatState.IDLE, SeatState.WRAP_UP):
        return
    if seat.status != Status.OFFLINE:
        _rest(seat, now)
        seat.status, seat.reason, seat.since = Status.OFFLINE, LOST, now
        _tell(seat)


def check_free(seat: Seat, call_id: int) -> None:
    """Raises Conflict with what the agent has to do before taking this call."""
    if (seat.state, seat.call_id) == (SeatState.RINGING, call_id):
        return
    if seat.state == SeatState.RINGING:
        raise Conflict("另一通来电正在振铃，请先接听")
    if seat.state != SeatState.IDLE:
        raise Conflict("请先结束当前通话或话后处理")
    if seat.status != Status.READY:
        raise Conflict("请先置为就绪")


def is_free(seat: Seat) -> bool:
    return (seat.status, seat.state, seat.lost_at) == (Status.READY, SeatState.IDLE, None)


def _check_status(seat: Seat, status: Status, reason: str) -> None:
    if status is Status.BREAK and not reason:
        raise Invalid("请选择小休原因", fields={"reason": "请选择小休原因"})
    if status is Status.READY and seat.owes_call_id is not None:
        raise Conflict("请先登记上一通电话的处理结果", call_id=seat.owes_call_id)
    if status is Status.OFFLINE and seat.state in _IN_TALK:
        raise Conflict("通话中不能签出")
    if status is not Status.READY and seat.state == SeatState.RINGING:
        raise Conflict("来电正在振铃，请稍后再试")


def _make(account_id: int) -> Seat:
    now = clock.now()
    # Written out, not left to the defaults: the caller reads these before the row is flushed.
    seat = Seat(
        account_id=account_id, status=Status.OFFLINE, reason="", state=SeatState.IDLE, since=now, idle_since=now
    )
    seat.extended, seat.misses = False, 0
    session().add(seat)
    session().flush()
    return seat


def _enter(seat: Seat, state: SeatState, call_id: int) -> None:
    seat.state, seat.call_id, seat.since = state, call_id, clock.now()
    _tell(seat)


def _rest(seat: Seat, now: datetime) -> None:
    seat.state, seat.call_id, seat.wrap_up_until, seat.extended = SeatState.IDLE, None, None, False
    seat.since = seat.idle_since = now


def _tell(seat: Seat) -> None:
    session().flush()  # the card carries the version that this change gets
    record(
        "seat.changed",
        subject=("seat", seat.account_id),
        audience=["agents", "supervisors", "wall", f"seat:{seat.account_id}"],
        payload={"seat": card_of(seat).model_dump(mode="json")},
        version=seat.version,
    )


def name_of(account_id: int | None) -> str:
    account = session().get(Account, account_id) if account_id is not None else None
    return account.name if account else ""
