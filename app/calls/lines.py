"""What the carrier is asked to do with a talk's lines.

The network is never spoken to inside a transaction: a wish is stored with the call, the carrier is asked, and a second
short transaction notes the outcome. A wish that found no effect (the process died, the carrier was away) is repeated by
`repair_lines`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from app import clock
from app.accounts.roles import Principal
from app.calls import parties, plan, service
from app.calls.models import Call, CallState, Party, PartyOutcome, PartyState, Wish
from app.calls.plan import Url, Verbs
from app.calls.rows import find_locked, locked, locked_by_sid, tell
from app.desk import seats
from app.desk import service as queue
from app.errors import Conflict, Forbidden, Unavailable
from app.retries import in_transaction
from telephony.ports import CallProgress, Carrier, ConferenceChanged, TelephonyError

log = structlog.get_logger(__name__)

RING_SECONDS = 20
# Twilio's "call is not in progress" and "not found": the other side has hung up.
GONE = frozenset({21220, 20404})
NOT_CONNECTED = "通话尚未接通，请稍候"


@dataclass(frozen=True, slots=True)
class Line:
    """A talk as the carrier knows it."""

    call_id: int
    sid: str
    attempt: int
    conference: str
    agent_id: int
    leg_sid: str | None
    is_outside: bool = False


def identity_of(account_id: int) -> str:
    """The agent's name as a browser telephone: letters, digits and underscores only."""
    return f"agent_{account_id}"


# --- answering -----------------------------------------------------------------------------------------------------


def answer(agent: Principal, call_id: int, carrier: Carrier, url: Url) -> None:
    """Claim the call, ring the agent's browser telephone into the conference, bring the caller there.

    Raises Conflict when another agent was first or the caller has gone, Unavailable when the carrier failed: then the
    caller stands at the front of the queue again.
    """
    line = in_transaction(lambda: _claim(agent, call_id))
    if line is not None:
        _connect(line, carrier, url)


def _claim(agent: Principal, call_id: int) -> Line | None:
    """None if this agent has the call already: a second press changes nothing."""
    call = locked(call_id)
    if call.state == CallState.TALKING and call.agent_id == agent.id:
        return None
    if call.state == CallState.ENDED:
        raise Conflict("来电人已挂断")
    if call.state == CallState.OUTSIDE:  # whoever sent the caller out must not cut that talk off
        raise Conflict("来电人已转出")
    agent_id = agent.id or 0
    queue.claim(call_id, agent_id)
    now = clock.now()
    call.state, call.agent_id, call.agent_leg_sid = CallState.TALKING, agent_id, None
    call.answered_at = call.answered_at or now
    call.attempt += 1
    call.conference = plan.conference_name(call.id, call.attempt)
    call.conference_sequence = -1
    call.wish, call.wished_at = Wish.CONNECT, now
    tell("call.answered", call, actor_id=agent_id)
    return line_of(call)


def ring_agent(line: Line, which: str, carrier: Carrier, url: Url) -> str:
    """Rings the agent's browser phone into the talk; returns the leg's sid. `which` names the talk to the callbacks."""
    return carrier.ring_agent(
        line.conference,
        identity_of(line.agent_id),
        plan.AGENT,
        url(plan.AGENT_LEG + which),
        RING_SECONDS,
        conference_callback=url(plan.CONFERENCE + which),
        recording_callback=url(plan.RECORDING + which),
    )


def _connect(line: Line, carrier: Carrier, url: Url) -> None:
    which = plan.which(line.call_id, line.attempt)
    try:
        leg = ring_agent(line, which, carrier, url)
    except TelephonyError as error:
        log.warning("call.agent_not_rung", call=line.call_id, code=error.code)
        in_transaction(partial(give_back, line))
        raise Unavailable("无法接通您的话机，来电已回到队列最前") from None
    in_transaction(partial(_store_leg, line, leg))
    try:
        carrier.move_call(line.sid, url(plan.CONNECT + which))
    except TelephonyError as error:
        _connect_failed(line, leg, carrier, error)


def _connect_failed(line: Line, leg: str, carrier: Carrier, error: TelephonyError) -> None:
    log.warning("call.not_moved", call=line.call_id, code=error.code)
    if error.outcome_unknown:
        return  # the wish stays; asking again is harmless and the sweep does
    drop_leg(leg, carrier)
    if error.code in GONE:
        in_transaction(partial(end, line, "caller"))
        raise Conflict("来电人已挂断") from None
    in_transaction(partial(give_back, line))
    raise Unavailable("线路接续失败，来电已回到队列最前") from None


def arrive(sid: str, call_id: int, attempt: int, url: Url) -> Verbs:
    """The caller's leg asks where to go: into the talk, or back to the queue if that talk is over."""
    call = locked_by_sid(sid)
    if call is None or call.id != call_id:
        return plan.enqueue(url)
    call.last_contact_at = clock.now()
    if call.state == CallState.TALKING and call.attempt == attempt:
        call.wish, call.wished_at = None, None
        return plan.connect(url, call.id, call.attempt)
    return plan.hang_up() if call.state == CallState.ENDED else plan.enqueue(url)


# --- during the talk -----------------------------------------------------------------------------------------------


def note_conference(change: ConferenceChanged, call_id: int, attempt: int) -> Line | None:
    """Returns the line whose caller has to be recalled, because the agent's leg has left."""
    call = find_locked(call_id)
    if call is None or call.state not in parties.TALKING or call.attempt != attempt:
        return None
    call.conference_sid = call.conference_sid or change.conference_sid
    if change.event == "conference-start" and call.connected_at is None:
        call.connected_at = change.at or clock.now()
    elif change.event in ("participant-join", "participant-leave"):
        return _note_coming_and_going(call, change)
    elif change.sequence > call.conference_sequence:
        _note_switches(call, change)
    return None


def _note_coming_and_going(call: Call, change: ConferenceChanged) -> Line | None:
    if change.call_sid in (None, call.sid):
        return None
    party = _party_of(call, change)
    if change.event == "participant-join":
        if party is not None:
            parties.note_joined(call, party)
        return None
    if party is not None:
        return party_left(call, PartyOutcome.LEFT)
    return want_recall(call, change.call_sid or "")


def _party_of(call: Call, change: ConferenceChanged) -> Party | None:
    """By the label, too: the party may come in before its leg's sid is stored."""
    party = parties.open_party(call)
    if party is None:
        return None
    is_known = party.leg_sid == change.call_sid or change.label == plan.PARTY.format(id=party.id)
    if is_known and party.leg_sid is None:
        party.leg_sid = change.call_sid
    return party if is_known else None


def party_left(call: Call, outcome: PartyOutcome) -> Line | None:
    """The third has gone by itself. Returns the line of a caller who is alone now and has to be let go kindly."""
    parties.close(call, outcome, leg_is_gone=True)
    if call.state != CallState.OUTSIDE:
        return None
    call.wish, call.wished_at = Wish.GOODBYE, clock.now()
    return line_of(call)


def note_agent_leg(progress: CallProgress, call_id: int, attempt: int) -> Line | None:
    """The agent's own leg: refused, not answered or ended."""
    call = find_locked(call_id) if progress.status.is_terminal else None
    if call is None or call.state != CallState.TALKING or call.attempt != attempt:
        return None
    return want_recall(call, progress.call_sid)


def recall(line: Line, carrier: Carrier, url: Url) -> None:
    """Fetch a caller whose agent was lost. The carrier knows best whether the caller is still there."""
    try:
        carrier.move_call(line.sid, url(plan.REQUEUED))
    except TelephonyError as error:
        if error.code in GONE:
            in_transaction(partial(end, line, "caller"))
        return
    in_transaction(partial(give_back, line))


def hang_up(agent: Principal, call_id: int, carrier: Carrier) -> None:
    line = in_transaction(lambda: _want_hang_up(agent, call_id))
    if line is None:
        return
    try:
        end_at_carrier(line, carrier)
    except TelephonyError:
        raise Unavailable("暂时无法挂断，系统会继续尝试") from None
    in_transaction(partial(end, line, "agent"))


def mute(agent: Principal, call_id: int, carrier: Carrier, *, on: bool) -> None:
    """Silences the agent."""
    line = _own_talk(agent, call_id)
    if line.leg_sid is None:
        raise Conflict(NOT_CONNECTED)
    leg = line.leg_sid
    ask(lambda: carrier.set_muted(line.conference, leg, on))
    in_transaction(partial(_set_switch, line, "muted", on))


def hold(agent: Principal, call_id: int, carrier: Carrier, url: Url, *, on: bool) -> None:
    """The caller hears music."""
    line = _own_talk(agent, call_id)
    ask(lambda: carrier.set_held(line.conference, line.sid, on, url(plan.MUSIC)))
    in_transaction(partial(_set_switch, line, "hold", on))


# --- pieces --------------------------------------------------------------------------------------------------------


def line_of(call: Call) -> Line:
    is_outside = call.state == CallState.OUTSIDE
    room, agent_id = call.conference or "", call.agent_id or 0
    return Line(call.id, call.sid, call.attempt, room, agent_id, call.agent_leg_sid, is_outside)


def current(line: Line) -> Call | None:
    """The call, if it is still the talk that the line belongs to."""
    call = locked(line.call_id)
    return call if call.state in parties.TALKING and call.attempt == line.attempt else None


def give_back(line: Line) -> None:
    if (call := current(line)) is not None:
        service.give_back(call, reason="line")


def end(line: Line, by: str) -> None:
    if (call := current(line)) is not None:
        service.end_call(call, by=by)


def _store_leg(line: Line, leg_sid: str) -> None:
    if (call := current(line)) is not None:
        call.agent_leg_sid = leg_sid


def drop_leg(leg_sid: str, carrier: Carrier) -> bool:
    """Whether it is gone now."""
    try:
        carrier.hang_up(leg_sid)
    except TelephonyError as error:
        log.warning("call.leg_not_dropped", code=error.code)
        return error.code in GONE
    return True


def end_at_carrier(line: Line, carrier: Carrier) -> None:
    try:
        carrier.hang_up(line.sid)
    except TelephonyError as error:
        if error.code not in GONE:
            raise


def want_recall(call: Call, leg_sid: str) -> Line | None:
    """Not for the leg of an earlier attempt or agent, nor when the caller is being moved or hung up on purpose.

    A third who is in the talk takes the lost agent's place: the caller notices nothing.
    """
    if call.state != CallState.TALKING or call.agent_leg_sid not in (None, leg_sid):
        return None
    if call.is_outbound and call.wish in (None, Wish.DIAL):
        # Whoever was rung by us has nothing to wait for: the sweep hangs up.
        call.wish, call.wished_at = Wish.HANG_UP, clock.now()
        return None
    if call.wish not in (None, Wish.CONNECT):
        return None
    party = parties.open_party(call)
    if party is not None and party.state == PartyState.JOINED:
        parties.take_over(call, party, leg_is_gone=True)
        return None
    call.wish, call.wished_at = Wish.QUEUE, clock.now()
    return line_of(call)


def _want_hang_up(agent: Principal, call_id: int) -> Line | None:
    call = owned(agent, locked(call_id))
    if call.state == CallState.ENDED:
        return None
    if call.state != CallState.TALKING:
        raise Conflict("这通来电不在通话中")
    call.hung_up_by = "agent"
    call.wish, call.wished_at = Wish.HANG_UP, clock.now()
    return line_of(call)


def _own_talk(agent: Principal, call_id: int) -> Line:
    return in_transaction(lambda: _talk_of(agent, call_id))


def _talk_of(agent: Principal, call_id: int) -> Line:
    call = owned(agent, locked(call_id))
    if call.state != CallState.TALKING:
        raise Conflict("这通来电不在通话中")
    return line_of(call)


def owned(agent: Principal, call: Call) -> Call:
    if call.agent_id != agent.id or agent.id is None:
        raise Forbidden("这不是您的通话")
    return call


def ask(request: Callable[[], None]) -> None:
    try:
        request()
    except TelephonyError as error:
        if error.code in GONE:
            raise Conflict(NOT_CONNECTED) from None
        raise Unavailable("线路没有响应，请重试") from None


def _note_switches(call: Call, change: ConferenceChanged) -> None:
    call.conference_sequence = change.sequence
    is_caller, is_agent = change.call_sid == call.sid, call.agent_leg_sid in (None, change.call_sid)
    if is_caller and change.event in ("participant-hold", "participant-unhold"):
        _switch(call, "hold", change.event == "participant-hold")
    elif is_agent and not is_caller and change.event in ("participant-mute", "participant-unmute"):
        _switch(call, "muted", change.event == "participant-mute")


def _set_switch(line: Line, name: str, on: bool) -> None:
    if (call := current(line)) is not None:
        _switch(call, name, on)


def _switch(call: Call, name: str, on: bool) -> None:
    if getattr(call, name) == on:
        return
    setattr(call, name, on)
    if name == "hold" and call.agent_id is not None:
        seats.set_hold(call.agent_id, call.id, on)
    tell("call.changed", call)
