"""Repeating what the carrier was asked and showed no effect, and finding callers who went without a word."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from app import clock
from app.calls import parties, party_lines, plan, service
from app.calls.lines import GONE, Line, drop_leg, end, end_at_carrier, give_back, line_of, recall
from app.calls.models import Call, CallState, Wish
from app.calls.plan import Url
from app.calls.rows import locked
from app.db import session
from app.retries import in_transaction
from telephony.ports import Carrier, TelephonyError

REPAIR_AFTER = timedelta(seconds=5)
GIVE_UP_AFTER = timedelta(seconds=30)
SILENT_AFTER = timedelta(minutes=5)
LONGEST_TALK = timedelta(hours=4)


def repair_lines(carrier: Carrier, url: Url) -> None:
    """Repeat what was wished and showed no effect."""
    for line, wish, is_old in in_transaction(_unfulfilled):
        if wish == Wish.QUEUE:
            recall(line, carrier, url)
        elif wish == Wish.HANG_UP:
            _hang_up_again(line, carrier)
        elif wish == Wish.CONNECT:
            _connect_again(line, carrier, url, is_old=is_old)
        elif wish == Wish.GOODBYE:
            party_lines.dismiss(line, carrier, url)
        elif wish == Wish.SEND_OUT:
            _send_out_again(line, carrier, url)
        elif wish == Wish.DIAL and is_old:
            _stop_dialling(line, carrier)


def repair_parties(carrier: Carrier) -> None:
    """Ringing that nobody ended, and legs that are still to be dropped."""
    for call_id, party_id in in_transaction(parties.rung_out):
        in_transaction(partial(party_lines.end_ringing, call_id, party_id))
    for party_id, leg_sid in in_transaction(parties.leaving_legs):
        if drop_leg(leg_sid, carrier):
            in_transaction(partial(parties.note_dropped, party_id))


def end_long_talks() -> None:
    """The carrier ends every call after four hours; its last callback may have come while the database was away."""
    for call_id in in_transaction(_long_talks):
        in_transaction(partial(_end_silent, call_id))


def end_silent_calls(carrier: Carrier, url: Url) -> None:
    """Callers who wait have their queue ask for music all the time; one who does not has gone, or must be fetched."""
    for call_id, sid in in_transaction(_silent):
        try:
            carrier.move_call(sid, url(plan.REQUEUED))
        except TelephonyError as error:
            if error.code in GONE:
                in_transaction(partial(_end_silent, call_id))


def _unfulfilled() -> list[tuple[Line, str, bool]]:
    """Claims each for this round by renewing its time."""
    now = clock.now()
    query = (
        select(Call)
        .where(Call.wish.is_not(None), Call.wished_at < now - REPAIR_AFTER, Call.state != CallState.ENDED)
        .with_for_update(skip_locked=True)
    )
    found = []
    for call in session().scalars(query):
        is_old = call.answered_at is not None and call.answered_at < now - GIVE_UP_AFTER
        found.append((line_of(call), str(call.wish), is_old))
        call.wished_at = now
    return found


def _connect_again(line: Line, carrier: Carrier, url: Url, *, is_old: bool) -> None:
    if line.leg_sid is None or is_old:
        if line.leg_sid is not None:
            drop_leg(line.leg_sid, carrier)
        in_transaction(partial(give_back, line))
        return
    try:
        carrier.move_call(line.sid, url(plan.CONNECT + plan.which(line.call_id, line.attempt)))
    except TelephonyError as error:
        if error.code in GONE:
            drop_leg(line.leg_sid, carrier)
            in_transaction(partial(end, line, "caller"))


def _hang_up_again(line: Line, carrier: Carrier) -> None:
    try:
        end_at_carrier(line, carrier)
    except TelephonyError:
        return
    in_transaction(partial(end, line, "agent"))


def _stop_dialling(line: Line, carrier: Carrier) -> None:
    """The carrier's word that nobody answered was lost, or the process died between its two requests."""
    if line.leg_sid is not None:
        drop_leg(line.leg_sid, carrier)
    _hang_up_again(line, carrier)


def _send_out_again(line: Line, carrier: Carrier, url: Url) -> None:
    party_id = in_transaction(lambda: locked(line.call_id).party_id)
    if party_id is None:
        return
    try:
        carrier.move_call(line.sid, url(plan.SENT_OUT + plan.which_party(line.call_id, line.attempt, party_id)))
    except TelephonyError as error:
        if error.code in GONE:
            in_transaction(partial(end, line, "caller"))


def _long_talks() -> list[int]:
    query = select(Call.id).where(Call.state.in_(parties.TALKING), Call.answered_at < clock.now() - LONGEST_TALK)
    return list(session().scalars(query.limit(50)))


def _silent() -> list[tuple[int, str]]:
    query = select(Call.id, Call.sid).where(
        Call.state.in_([CallState.GREETING, CallState.WAITING]), Call.last_contact_at < clock.now() - SILENT_AFTER
    )
    return [(call_id, sid) for call_id, sid in session().execute(query.limit(50))]


def _end_silent(call_id: int) -> None:
    service.end_call(locked(call_id), by="caller")
