"""Bringing a third into a talk and handing the talk on: to a colleague, to the supervisor, to a number outside.

Warm: the third is rung into the call's conference, all three may speak, then the agent goes (or the third does).
Cold: the caller leaves at once, to a colleague through the front of the queue, to the outside through the carrier;
who does not answer gives the caller back to the queue. The call has one agent at every moment.
"""

from dataclasses import dataclass
from functools import partial

import structlog

from app import clock
from app.accounts.roles import Principal
from app.calls import offers, parties, plan, service
from app.calls.directory import check_reachable, outside_line
from app.calls.lines import GONE, RING_SECONDS, Line, ask, current, drop_leg, end, identity_of, line_of, owned
from app.calls.models import Call, CallState, Party, PartyOutcome, PartyState, Wish
from app.calls.parties import check_none, close, open_party
from app.calls.plan import Url
from app.calls.rows import locked
from app.calls.schemas import TransferWish
from app.desk import seats
from app.desk.models import SeatState
from app.errors import Conflict, Invalid, Unavailable
from app.retries import in_transaction
from telephony.ports import Carrier, TelephonyError

log = structlog.get_logger(__name__)

NOT_IN_TALK = "这通来电不在通话中"


@dataclass(frozen=True, slots=True)
class Guest:
    """A party as the carrier has to be told of it."""

    line: Line
    party_id: int
    number: str = ""
    account_id: int = 0

    @property
    def which(self) -> str:
        return plan.which_party(self.line.call_id, self.line.attempt, self.party_id)


def transfer(agent: Principal, call_id: int, wish: TransferWish, carrier: Carrier, url: Url) -> None:
    """Raises Conflict when the other side cannot be rung now, Unavailable when the carrier failed; the talk goes on."""
    if (wish.account_id is None) == (not wish.number):
        raise Invalid("请选择同事或输入号码", fields={"number": "请选择同事或输入号码"})
    if wish.account_id is not None and wish.mode == "warm":
        in_transaction(partial(_invite_colleague, agent, call_id, wish.account_id))
    elif wish.account_id is not None:
        _hand_on(agent, call_id, wish.account_id, carrier, url)
    elif wish.mode == "warm":
        _ring_outside(agent, call_id, wish.number, carrier, url)
    else:
        _send_out(agent, call_id, wish.number, carrier, url)


# --- warm ----------------------------------------------------------------------------------------------------------


def _invite_colleague(agent: Principal, call_id: int, account_id: int) -> None:
    call = _free_talk(agent, call_id)
    check_reachable(agent, account_id)
    parties.invite_colleague(call, agent.id or 0, account_id)


def _ring_outside(agent: Principal, call_id: int, number: str, carrier: Carrier, url: Url) -> None:
    guest = in_transaction(partial(_invite_outside, agent, call_id, number))
    try:
        leg = carrier.place_call(
            guest.number, url(plan.PARTY_JOINS + guest.which), url(plan.PARTY_LEG + guest.which), plan.OUTSIDE_RING
        )
    except TelephonyError as error:
        _not_rung(guest, error)
        raise Unavailable("外线没有接通，来电人仍在线上") from None
    in_transaction(partial(_store_leg, guest, leg))


def _invite_outside(agent: Principal, call_id: int, raw: str, *, is_cold: bool = False) -> Guest:
    call = _free_talk(agent, call_id)
    number, name = outside_line(raw)
    party = parties.invite_outside(call, agent.id or 0, number, name, is_cold=is_cold)
    if is_cold:
        call.wish, call.wished_at = Wish.SEND_OUT, clock.now()
    return Guest(line_of(call), party.id, number=number)


def join(agent: Principal, call_id: int, carrier: Carrier, url: Url) -> bool:
    """The colleague who was asked in has answered. False if this agent was not asked into this call."""
    guest = in_transaction(partial(_accept, agent, call_id))
    if guest is None:
        return False
    if guest.party_id:
        _connect(guest, carrier, url)
    return True


def _accept(agent: Principal, call_id: int) -> Guest | None:
    """A second press by the one who has answered changes nothing: a guest without a party."""
    call = locked(call_id)
    party = open_party(call)
    if party is None or party.account_id != agent.id or party.account_id is None:
        return None
    if party.state != PartyState.RINGING:
        return Guest(line_of(call), 0)
    seat = seats.locked(party.account_id)
    if (seat.state, seat.call_id) != (SeatState.RINGING, call.id):
        raise Conflict("转接已取消")
    seats.start_talking(seat, call.id)
    party.state, party.until = PartyState.CONNECTING, clock.now() + parties.RING
    return Guest(line_of(call), party.id, account_id=party.account_id)


def _connect(guest: Guest, carrier: Carrier, url: Url) -> None:
    asked = plan.which(guest.line.call_id, guest.line.attempt)
    try:
        leg = carrier.ring_agent(
            guest.line.conference,
            identity_of(guest.account_id),
            plan.PARTY.format(id=guest.party_id),
            url(plan.PARTY_LEG + guest.which),
            RING_SECONDS,
            conference_callback=url(plan.CONFERENCE + asked),
            recording_callback=url(plan.RECORDING + asked),
        )
    except TelephonyError as error:
        _not_rung(guest, error)
        raise Unavailable("无法接通您的话机，来电仍由原坐席接听") from None
    in_transaction(partial(_store_leg, guest, leg))


def _not_rung(guest: Guest, error: TelephonyError) -> None:
    log.warning("call.party_not_rung", call=guest.line.call_id, code=error.code)
    in_transaction(partial(_fail, guest))


def _fail(guest: Guest) -> None:
    call = locked(guest.line.call_id)
    if call.party_id == guest.party_id:
        close(call, PartyOutcome.FAILED)


def _store_leg(guest: Guest, leg_sid: str) -> None:
    """The party may have been let go while the carrier was asked: then the leg is dropped."""
    locked(guest.line.call_id)
    party = parties.find(guest.party_id)
    if party.leg_sid is None:
        party.leg_sid = leg_sid
        if party.state == PartyState.GONE:
            party.state = PartyState.LEAVING


def complete(agent: Principal, call_id: int, carrier: Carrier, url: Url) -> None:
    """The agent goes. A caller on hold is brought back first: nobody else could do it for one who is sent outside."""
    line, is_held = in_transaction(partial(_completing, agent, call_id))
    if is_held:
        ask(lambda: carrier.set_held(line.conference, line.sid, False, url(plan.MUSIC)))
    leaving = in_transaction(partial(_complete, agent, call_id))
    if leaving is not None:
        _drop(leaving, carrier)


def _completing(agent: Principal, call_id: int) -> tuple[Line, bool]:
    call, _ = _with_guest(agent, call_id)
    return line_of(call), call.hold


def _complete(agent: Principal, call_id: int) -> tuple[int, str] | None:
    call, party = _with_guest(agent, call_id)
    call.hold = False
    leaving = parties.take_over(call, party)
    return (leaving.id, leaving.leg_sid) if leaving is not None and leaving.leg_sid else None


def _with_guest(agent: Principal, call_id: int) -> tuple[Call, Party]:
    call = _talk(agent, call_id)
    party = open_party(call)
    if party is None or party.state != PartyState.JOINED:
        raise Conflict("对方尚未接入，请稍候")
    return call, party


def release(agent: Principal, call_id: int, carrier: Carrier) -> None:
    """The agent lets the third go, or stops ringing."""
    dropped = in_transaction(partial(_release, agent, call_id))
    if dropped is not None:
        _drop(dropped, carrier)


def _release(agent: Principal, call_id: int) -> tuple[int, str] | None:
    call = _talk(agent, call_id)
    party = open_party(call)
    if party is None:
        return None
    if call.wish == Wish.SEND_OUT:
        raise Conflict("来电人已转出")
    joined = party.state == PartyState.JOINED
    return _leg_of(close(call, PartyOutcome.RELEASED if joined else PartyOutcome.CANCELED))


def leave(agent: Principal, call_id: int, carrier: Carrier) -> bool:
    """The third goes, the talk goes on. False if this agent is no third here."""
    is_guest, dropped = in_transaction(partial(_leave, agent, call_id))
    if dropped is not None:
        _drop(dropped, carrier)
    return is_guest


def _leave(agent: Principal, call_id: int) -> tuple[bool, tuple[int, str] | None]:
    call = locked(call_id)
    party = open_party(call)
    if party is None or party.account_id is None or party.account_id != agent.id:
        return False, None
    joined = party.state != PartyState.RINGING
    return True, _leg_of(close(call, PartyOutcome.LEFT if joined else PartyOutcome.DECLINED))


def decline(account_id: int, call_id: int) -> None:
    """Going away while one's console rings for a transfer."""
    call = locked(call_id)
    party = open_party(call)
    if party is not None and (party.account_id, party.state) == (account_id, PartyState.RINGING):
        close(call, PartyOutcome.DECLINED)


# --- cold ----------------------------------------------------------------------------------------------------------


def _hand_on(agent: Principal, call_id: int, account_id: int, carrier: Carrier, url: Url) -> None:
    line = in_transaction(partial(_want_hand_on, agent, call_id, account_id))
    if _move_away(line, url(plan.HANDED_ON), carrier):
        in_transaction(partial(_handed_on, line, account_id))


def _want_hand_on(agent: Principal, call_id: int, account_id: int) -> Line:
    call = _free_talk(agent, call_id)
    check_reachable(agent, account_id)
    call.wish, call.wished_at = Wish.QUEUE, clock.now()
    return line_of(call)


def _handed_on(line: Line, account_id: int) -> None:
    """To the front of the queue, and from there to the colleague first; who is taken meanwhile misses nothing."""
    call = current(line)
    if call is None:
        return
    seats.begin_wrap_up(line.agent_id, call.id, is_disposed=True)
    service.give_back(call, reason="transfer", text=f"转给{seats.name_of(account_id)}")
    offers.offer_to(call, account_id)


def _send_out(agent: Principal, call_id: int, number: str, carrier: Carrier, url: Url) -> None:
    """The agent is free as soon as the caller's leg asks for the number (`sent_out`), not before."""
    guest = in_transaction(partial(_invite_outside, agent, call_id, number, is_cold=True))
    _move_away(guest.line, url(plan.SENT_OUT + guest.which), carrier)


def _move_away(line: Line, address: str, carrier: Carrier) -> bool:
    """False if nobody knows: the wish stays; asking again is harmless and the sweep does."""
    try:
        carrier.move_call(line.sid, address)
        return True
    except TelephonyError as error:
        log.warning("call.not_moved_away", call=line.call_id, code=error.code)
        if error.outcome_unknown:
            return False
        if error.code in GONE:
            in_transaction(partial(end, line, "caller"))
            raise Conflict("来电人已挂断") from None
        in_transaction(partial(_stay, line))
        raise Unavailable("暂时无法转接，来电人仍在线上") from None


def _stay(line: Line) -> None:
    if (call := current(line)) is not None:
        call.wish, call.wished_at = None, None
        close(call, PartyOutcome.FAILED)


# --- pieces --------------------------------------------------------------------------------------------------------


def _talk(agent: Principal, call_id: int) -> Call:
    call = owned(agent, locked(call_id))
    if call.state != CallState.TALKING:
        raise Conflict(NOT_IN_TALK)
    return call


def _free_talk(agent: Principal, call_id: int) -> Call:
    """A connected talk without a third: two transfers at once would leave the caller in neither."""
    call = _talk(agent, call_id)
    if call.agent_leg_sid is None or call.wish is not None:
        raise Conflict("通话尚未接通，请稍候")
    check_none(call)
    return call


def _leg_of(party: Party | None) -> tuple[int, str] | None:
    return (party.id, party.leg_sid) if party is not None and party.leg_sid is not None else None


def _drop(leg: tuple[int, str], carrier: Carrier) -> None:
    """At once; the sweep repeats it when the carrier did not listen."""
    party_id, sid = leg
    if drop_leg(sid, carrier):
        in_transaction(partial(parties.note_dropped, party_id))
