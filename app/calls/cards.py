"""How a call is shown."""

from app.accounts.models import Account
from app.calls.models import Call, CallState, Disposition, Party, PartyKind, PartyState
from app.calls.schemas import AgentName, CallCard, PartyCard
from app.db import session
from app.desk.models import WaitingEntry
from app.desk.queries import position_in_queue
from app.desk.service import find_entry
from telephony.numbers import mask

IN_QUEUE = (CallState.WAITING, CallState.OFFERED)


def card_of(call: Call, entry: WaitingEntry | None = None, position: int | None = None) -> CallCard:
    """`entry` and `position` are looked up when left out; lists bring their own."""
    if entry is None and call.queued_at is not None:
        entry = find_entry(call.id)
    if position is None and entry is not None and call.state in IN_QUEUE:
        position = position_in_queue(entry.id)
    return CallCard(
        id=call.id,
        sid=call.sid,
        version=call.version,
        state=CallState(call.state),
        phone=mask(call.caller_number),
        phone_id=(call.caller_hash or "")[:12],
        location=call.location,
        started_at=call.started_at,
        waiting_since=entry.entered_at if entry else None,
        offered_to=entry.offered_to if entry else None,
        offered_until=entry.offered_until if entry else None,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        agent=agent_name(call.agent_id),
        hold=call.hold,
        muted=call.muted,
        disposition=Disposition(call.disposition) if call.disposition else None,
        prior_calls=call.prior_calls,
        note=call.note,
        position=position,
        is_voicemail=call.is_voicemail,
        hung_up_by=call.hung_up_by,
        is_outbound=bool(call.is_outbound),
        party=party_card(call.party_id),
    )


def party_card(party_id: int | None) -> PartyCard | None:
    party = session().get(Party, party_id) if party_id is not None else None
    if party is None:
        return None
    return PartyCard(
        id=party.id,
        kind=PartyKind(party.kind),
        state=PartyState(party.state),
        account_id=party.account_id,
        label=party.label,
        asked_by=party.asked_by,
        until=party.until,
        joined_at=party.joined_at,
    )


def agent_name(account_id: int | None) -> AgentName | None:
    account = session().get(Account, account_id) if account_id is not None else None
    return AgentName(id=account.id, name=account.name) if account else None
