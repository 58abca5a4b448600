"""Whoever takes part in a talk beside caller and agent: who they are, and how they come out of it.

Row changes only; every function expects the call to be locked. One party at most is open per call (`Call.party_id`).
"""

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.accounts.models import Account
from app.calls.models import Call, CallState, Disposition, Party, PartyKind, PartyOutcome, PartyState
from app.calls.rows import tell
from app.db import session
from app.desk import seats
from app.desk import service as queue
from app.desk.models import SeatState
from app.errors import Conflict
from telephony.numbers import is_emergency, mask

RING = timedelta(seconds=20)
OUTSIDE_RING = timedelta(seconds=40)  # the carrier gives up after 30; this is for callbacks that never come
TALKING = (CallState.TALKING, CallState.OUTSIDE)


def open_party(call: Call) -> Party | None:
    return session().get(Party, call.party_id) if call.party_id is not None else None


def find(party_id: int) -> Party:
    return session().get_one(Party, party_id, populate_existing=True)


def check_none(call: Call) -> None:
    party = open_party(call)
    if party is not None:
        raise Conflict(f"正在与{party.label}转接，请先完成或取消", party=party.id)


def invite_colleague(call: Call, agent_id: int, account_id: int) -> Party:
    """The colleague's console rings; no line is built before they answer."""
    seats.start_ringing(seats.locked(account_id), call.id)
    party = _add(call, PartyKind.AGENT, agent_id, seats.name_of(account_id), account_id=account_id)
    party.until = party.asked_at + RING
    tell("call.party_asked", call, actor_id=agent_id, text=party.label)
    return party


def invite_outside(call: Call, agent_id: int, number: str, name: str, *, is_cold: bool = False) -> Party:
    party = _add(call, PartyKind.OUTSIDE, agent_id, name or mask(number), number=number)
    party.until = None if is_cold else party.asked_at + OUTSIDE_RING
    tell("call.party_asked", call, actor_id=agent_id, text=party.label)
    return party


def _add(call: Call, kind: PartyKind, agent_id: int, label: str, *, account_id: int | None = None,
         number: str | None = None) -> Party:  # fmt: skip
    party = Party(
        call_id=call.id,
        attempt=call.attempt,
        kind=kind,
        state=PartyState.RINGING,
        account_id=account_id,
        number=number,
        label=label[:60],
        asked_by=agent_id,
        asked_at=clock.now(),
    )
    session().add(party)
    session().flush()
    call.party_id = party.id
    return party


def note_joined(call: Call, party: Party) -> None:
    if party.state not in (PartyState.RINGING, PartyState.CONNECTING):
        return
    party.state, party.joined_at, party.until = PartyState.JOINED, clock.now(), None
    tell("call.party_joined", call, text=party.label)


def close(call: Call, outcome: PartyOutcome, *, leg_is_gone: bool = False) -> Party | None:
    """Takes the open party out of the talk; a leg that may still be there is dropped by the sweep at the latest."""
    party = open_party(call)
    if party is None:
        return None
    call.party_id = None
    retire(party, outcome, leg_is_gone=leg_is_gone)
    if party.account_id is not None:
        _free_seat(call, party.account_id, outcome)
    tell("call.party_left", call, text=f"{party.label}：{TEXTS[outcome]}", outcome=outcome.value)
    return party


def retire(party: Party, outcome: PartyOutcome, *, leg_is_gone: bool) -> None:
    still_there = party.leg_sid is not None and not leg_is_gone
    party.state = PartyState.LEAVING if still_there else PartyState.GONE
    party.outcome, party.ended_at, party.until = outcome, clock.now(), None


def _free_seat(call: Call, account_id: int, outcome: PartyOutcome) -> None:
    seat = seats.locked(account_id)
    if seat.state == SeatState.RINGING:
        seats.stop_ringing(seat, call.id, is_missed=outcome is PartyOutcome.NO_ANSWER)
    else:
        seats.drop_talk(account_id, call.id)


# --- the talk changes hands ----------------------------------------------------------------------------------------


def take_over(call: Call, party: Party, *, leg_is_gone: bool = False) -> Party | None:
    """The agent goes, the party stays: a colleague as the new agent, a number outside with no agent at all.

    Returns the former agent's leg, to be dropped, unless it has gone by itself.
    """
    former_id, leg_sid = call.agent_id, call.agent_leg_sid
    leaving = None if leg_is_gone or leg_sid is None else _leaving_agent(call, former_id, leg_sid)
    if party.account_id is not None:
        _become_agent(call, party, party.account_id)
    else:
        go_outside(call, party)
    if former_id is not None and former_id != call.agent_id:
        seats.begin_wrap_up(former_id, call.id, is_disposed=True)
        tell("call.transferred", call, actor_id=former_id, text=party.label)
    return leaving


def _become_agent(call: Call, party: Party, account_id: int) -> None:
    call.agent_id, call.agent_leg_sid, call.muted, call.party_id = account_id, party.leg_sid, False, None
    party.state, party.outcome, party.ended_at = PartyState.GONE, PartyOutcome.TOOK_OVER, clock.now()
    queue.hand_over(call.id, account_id)
    seats.set_hold(account_id, call.id, call.hold)


def go_outside(call: Call, party: Party) -> None:
    """From now on the caller speaks with the outside alone; whose call it was stays on record."""
    call.state, call.wish, call.wished_at = CallState.OUTSIDE, None, None
    call.hold, call.muted, call.agent_leg_sid = False, False, None
    if party.state != PartyState.JOINED:
        party.state, party.joined_at = PartyState.JOINED, clock.now()
    if call.disposition is None:
        is_saving = is_emergency(party.number)
        call.disposition = Disposition.EMERGENCY_TRANSFERRED if is_saving else Disposition.TRANSFERRED
        call.disposition_note, call.disposed_at = f"转{party.label}"[:500], clock.now()
    if call.agent_id is not None:
        seats.begin_wrap_up(call.agent_id, call.id, is_disposed=True)
    tell("call.sent_out", call, actor_id=call.agent_id, text=party.label)


def come_back(call: Call) -> None:
    """Nobody outside answered: what the transfer had noted as the call's result has not come true."""
    if call.disposition in (Disposition.EMERGENCY_TRANSFERRED, Disposition.TRANSFERRED):
        call.disposition, call.disposition_note, call.disposed_at = None, "", None


def _leaving_agent(call: Call, agent_id: int | None, leg_sid: str) -> Party:
    now = clock.now()
    name = session().get(Account, agent_id) if agent_id is not None else None
    leaving = Party(
        call_id=call.id,
        attempt=call.attempt,
        kind=PartyKind.AGENT,
        state=PartyState.LEAVING,
        account_id=agent_id,
        label=name.name if name else "",
        leg_sid=leg_sid,
        asked_by=agent_id,
        asked_at=now,
        joined_at=call.answered_at,
        ended_at=now,
        outcome=PartyOutcome.HANDED_ON,
    )
    session().add(leaving)
    session().flush()
    return leaving


TEXTS = {
    PartyOutcome.NO_ANSWER: "无人接听",
    PartyOutcome.BUSY: "忙线",
    PartyOutcome.FAILED: "未接通",
    PartyOutcome.DECLINED: "未接受",
    PartyOutcome.CANCELED: "已取消",
    PartyOutcome.RELEASED: "已请出",
    PartyOutcome.LEFT: "已退出",
    PartyOutcome.TOOK_OVER: "已接手",
    PartyOutcome.HANDED_ON: "已转出",
    PartyOutcome.CALLER_LEFT: "来电人已挂断",
}


# --- for the sweep -------------------------------------------------------------------------------------------------


def leaving_legs() -> list[tuple[int, str]]:
    query = select(Party.id, Party.leg_sid).where(Party.state == PartyState.LEAVING, Party.leg_sid.is_not(None))
    return [(party_id, str(sid)) for party_id, sid in session().execute(query.limit(50))]


def rung_out() -> list[tuple[int, int]]:
    """(call, party) whose ringing has come to its end without an answer of any kind."""
    waiting = (PartyState.RINGING, PartyState.CONNECTING)
    query = select(Party.call_id, Party.id).where(Party.state.in_(waiting), Party.until < clock.now())
    return [(call_id, party_id) for call_id, party_id in session().execute(query.limit(50))]


def note_dropped(party_id: int) -> None:
    session().get_one(Party, party_id).state = PartyState.GONE
