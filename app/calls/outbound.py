"""We ring a citizen: the agent's telephone goes into a conference, and whoever answers at the other end joins it.

As in `lines`, the network is never spoken to inside a transaction. Until the citizen answers the call wishes to DIAL;
what the carrier calls it is known only when it has taken the order.
"""

import secrets
from functools import partial

import structlog

from app import clock
from app.accounts.roles import Principal
from app.calls import plan, service
from app.calls.lines import Line, drop_leg, end, line_of, ring_agent
from app.calls.models import Call, CallState, Disposition, Wish
from app.calls.plan import Url, Verbs
from app.calls.rows import find_locked, tell
from app.db import session
from app.desk import seats
from app.desk.models import SeatState, Status
from app.errors import Conflict, Unavailable
from app.followup import service as call_backs
from app.retries import in_transaction
from telephony.ports import CallProgress, Carrier, TelephonyError

log = structlog.get_logger(__name__)

# The sweep takes a call that is still ringing after thirty for one whose end was never told.
DIAL_SECONDS = 25


def call_back(agent: Principal, task_id: int, carrier: Carrier, url: Url) -> int:
    """Ring the agent, then the citizen of a call-back that the agent has claimed; returns the call's id.

    Conflict: the task or the seat is not this agent's to use now. Unavailable: the carrier could not.
    """
    line, number = in_transaction(lambda: _begin(agent, task_id))
    which = plan.which(line.call_id, line.attempt)
    leg = _ring_agent(line, which, carrier, url)
    in_transaction(partial(_store, line, leg=leg))
    try:
        sid = carrier.place_call(number, url(plan.CALLED_BACK + which), url(plan.CITIZEN_LEG + which), DIAL_SECONDS)
    except TelephonyError as error:
        log.warning("call.not_placed", call=line.call_id, code=error.code)
        drop_leg(leg, carrier)
        in_transaction(partial(end, line, "line"))
        raise Unavailable("电话没有拨出，请稍后再试") from None
    if not in_transaction(partial(_store, line, sid=sid)):
        drop_leg(sid, carrier)  # the agent has hung up in the meantime
    return line.call_id


def arrive(sid: str, call_id: int, attempt: int, url: Url) -> Verbs:
    """The citizen has answered. This may be told before the carrier's answer to our order has been read."""
    call = _outbound(call_id, attempt)
    if call is None:
        return plan.hang_up()
    now = clock.now()
    call.sid, call.last_contact_at = sid, now
    call.answered_at = call.connected_at = now
    call.wish, call.wished_at = None, None
    tell("call.changed", call)
    return plan.connect(url, call.id, call.attempt)


def note_citizen_leg(progress: CallProgress, call_id: int, attempt: int) -> str | None:
    """Busy, not answered or hung up. Returns the agent's leg, which waits alone and has to be dropped."""
    if not progress.status.is_terminal:
        return None
    call = _outbound(call_id, attempt)
    if call is None:
        return None
    was_ringing, leg = call.wish == Wish.DIAL, call.agent_leg_sid
    service.end_call(call, by="caller")
    return leg if was_ringing else None


def _begin(agent: Principal, task_id: int) -> tuple[Line, str]:
    number, case = call_backs.number_to_call(agent, task_id)
    agent_id, now = agent.id or 0, clock.now()
    seat = seats.locked(agent_id)
    if seat.state != SeatState.IDLE:
        raise Conflict("请先结束当前通话或话后处理")
    if seat.status == Status.OFFLINE or seat.lost_at is not None:
        raise Conflict("请先上线")
    call = Call(
        sid=f"dialling-{secrets.token_hex(12)}",
        state=CallState.TALKING,
        is_outbound=True,
        caller_number=number,
        called="",
        started_at=now,
        answered_at=now,
        last_contact_at=now,
        agent_id=agent_id,
        attempt=1,
        case_id=case.id,
        disposition=Disposition.CALL_BACK,
        disposed_at=now,
        wish=Wish.DIAL,
        wished_at=now,
    )
    session().add(call)
    session().flush()
    call.conference = plan.conference_name(call.id, call.attempt)
    seats.start_talking(seat, call.id)
    tell("call.dialled", call, actor_id=agent_id)
    call_backs.note_call(agent, task_id, call.id)
    return line_of(call), number


def _ring_agent(line: Line, which: str, carrier: Carrier, url: Url) -> str:
    try:
        return ring_agent(line, which, carrier, url)
    except TelephonyError as error:
        log.warning("call.agent_not_rung", call=line.call_id, code=error.code)
        in_transaction(partial(end, line, "line"))
        raise Unavailable("无法接通您的话机") from None


def _store(line: Line, *, leg: str | None = None, sid: str | None = None) -> bool:
    """Whether the call is still wanted. A citizen who was quicker has brought the sid already."""
    call = _outbound(line.call_id, line.attempt)
    if call is None:
        return False
    call.agent_leg_sid = leg or call.agent_leg_sid
    call.sid = sid or call.sid
    return True


def _outbound(call_id: int, attempt: int) -> Call | None:
    call = find_locked(call_id)
    if call is None:
        return None
    is_ours = call.is_outbound and call.state == CallState.TALKING and call.attempt == attempt
    return call if is_ours else None
