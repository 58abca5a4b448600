"""What the carrier tells of a third in a talk, and of a caller who was sent outside. All may be told twice."""

from functools import partial

from app import clock
from app.calls import parties, plan, service
from app.calls.lines import GONE, Line, end, party_left, want_recall
from app.calls.models import Call, CallState, Party, PartyOutcome, PartyState
from app.calls.plan import Url, Verbs
from app.calls.rows import find_locked, locked, locked_by_sid
from app.db import session
from app.retries import in_transaction
from telephony.ports import CallProgress, CallStatus, Carrier, DialEnded, TelephonyError

# By the carrier's word: a Dial's status is not always one of a call's.
OUTCOMES: dict[str, PartyOutcome] = {
    CallStatus.BUSY: PartyOutcome.BUSY,
    CallStatus.NO_ANSWER: PartyOutcome.NO_ANSWER,
    CallStatus.FAILED: PartyOutcome.FAILED,
    CallStatus.CANCELED: PartyOutcome.CANCELED,
}


def bring_in(leg_sid: str, call_id: int, party_id: int, url: Url) -> Verbs:
    """A number outside has answered: into the talk, unless it was let go meanwhile."""
    call, party = _known(call_id, party_id)
    if call is None or party is None or call.party_id != party.id or call.state not in parties.TALKING:
        return plan.hang_up()
    party.leg_sid = party.leg_sid or leg_sid
    return plan.bring_in(url, call.id, call.attempt, party.id)


def note_leg(progress: CallProgress, call_id: int, party_id: int) -> Line | None:
    """A party's own leg. Returns the line of a caller who is alone now: to be let go, or fetched back to the queue."""
    call, party = _known(call_id, party_id)
    if call is None or party is None:
        return None
    party.leg_sid = party.leg_sid or progress.call_sid
    if not progress.status.is_terminal:
        return None
    if call.party_id == party.id:
        joined = party.state == PartyState.JOINED
        return party_left(call, PartyOutcome.LEFT if joined else OUTCOMES.get(progress.status, PartyOutcome.LEFT))
    if party.outcome == PartyOutcome.TOOK_OVER:
        return want_recall(call, progress.call_sid)
    if party.state == PartyState.LEAVING:
        party.state = PartyState.GONE
    return None


def send_out(sid: str, call_id: int, attempt: int, party_id: int, url: Url) -> Verbs:
    """The caller's leg, on its way to a number outside: from here on the agent is free."""
    call, party = _known(call_id, party_id)
    if call is None or party is None or call.sid != sid:
        return plan.enqueue(url)
    call.last_contact_at = clock.now()
    if call.state == CallState.ENDED:
        return plan.hang_up()
    if call.party_id != party.id or call.attempt != attempt or party.number is None:
        return plan.enqueue(url)
    if call.state == CallState.TALKING:
        parties.go_outside(call, party)
    return plan.send_out(url, party.label, party.number, plan.which_party(call.id, call.attempt, party.id))


def end_outside(ended: DialEnded, party_id: int, url: Url) -> Verbs:
    """The outside leg is over: a talk that took place ends the call, one that did not brings the caller back."""
    call = locked_by_sid(ended.call_sid)
    if call is None:
        return plan.say_goodbye()
    if call.state != CallState.OUTSIDE or call.party_id != party_id:
        return plan.hang_up() if call.state == CallState.ENDED else plan.enqueue(url)
    if ended.status in ("completed", "answered"):
        service.end_call(call, by="outside")
        return plan.say_goodbye()
    parties.close(call, OUTCOMES.get(ended.status, PartyOutcome.FAILED), leg_is_gone=True)
    parties.come_back(call)
    service.give_back(call, reason="outside")
    return plan.bring_back(url)


def say_goodbye(sid: str) -> Verbs:
    """The last one in the talk: the outside party has hung up."""
    call = locked_by_sid(sid)
    if call is not None and call.state == CallState.OUTSIDE:
        service.end_call(call, by="outside")
    return plan.say_goodbye()


def dismiss(line: Line, carrier: Carrier, url: Url) -> None:
    """Fetch a caller whom the outside party has left alone, and say goodbye. The wish stays until it has."""
    try:
        carrier.move_call(line.sid, url(plan.OUTSIDE_LEFT))
    except TelephonyError as error:
        if error.code in GONE:
            in_transaction(partial(end, line, "caller"))


def end_ringing(call_id: int, party_id: int) -> None:
    """Nobody answered, and no callback said so."""
    call = locked(call_id)
    party = parties.open_party(call)
    if party is not None and party.id == party_id and party.state in (PartyState.RINGING, PartyState.CONNECTING):
        parties.close(call, PartyOutcome.NO_ANSWER)


def _known(call_id: int, party_id: int) -> tuple[Call | None, Party | None]:
    call = find_locked(call_id)
    if call is None:
        return None, None
    party = session().get(Party, party_id, populate_existing=True)
    return call, party if party is not None and party.call_id == call.id else None
