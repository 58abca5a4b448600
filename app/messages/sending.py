"""Handing a message to the carrier: claimed in one transaction, sent outside any, its outcome kept in another."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from app import clock, metrics
from app.db import session, transaction
from app.messages.models import Delivery, OptOut, OutgoingMessage
from app.messages.undelivered import note_undelivered
from telephony.ports import Carrier, SmsStatus, TelephonyError

log = structlog.get_logger(__name__)

# With the waits below nearly three hours: a carrier's bad afternoon loses nobody's message.
MOST_ATTEMPTS = 16
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
OPTED_OUT = 21610  # the carrier's number for a recipient who wants no messages
# Longer than any time-out towards the carrier: whoever still holds the claim then is dead.
CLAIM_LASTS = timedelta(seconds=60)
# The carrier's numbers for a telephone out of reach or a network that failed: what was surely not delivered may be sent
# again, a few times.
PASSING, MOST_SENDINGS, SEND_AGAIN_AFTER = frozenset({30003, 30008}), 3, timedelta(minutes=10)
_STATES = {"delivered": Delivery.DELIVERED, "undelivered": Delivery.FAILED, "failed": Delivery.FAILED}
_RANK = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}


def send(message_id: int, carrier: Carrier, status_url: str) -> bool:
    """Send once. Who loses the claim does nothing; an unknown outcome is never sent again blindly.

    False if the carrier could not take it just now: then it would hardly take another.
    """
    with transaction():
        message = _claim(message_id)
    if message is None:
        return True
    try:
        sid = carrier.send_sms(message.recipient or "", message.text or "", _callback(status_url, message))
    except TelephonyError as error:
        with transaction():
            _note_failure(message, error)
        return error.permanent
    with transaction():
        _settle(message_id, state=Delivery.SENT, sid=sid)
    metrics.SMS_SENT.labels("sent").inc()
    return True


def due(limit: int = 200) -> Sequence[int]:
    """Messages whose time has come, oldest first."""
    wanted = (OutgoingMessage.state == Delivery.QUEUED) & (OutgoingMessage.due_at <= clock.now())
    query = select(OutgoingMessage.id).where(wanted).order_by(OutgoingMessage.due_at).limit(limit)
    return session().scalars(query).all()


def give_up_lost_claims() -> None:
    """A worker died while it talked with the carrier: the citizen may have the message or not."""
    session().execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.state == Delivery.SENDING, OutgoingMessage.claimed_at < clock.now() - CLAIM_LASTS)
        .values(state=Delivery.UNKNOWN)
    )


def note_status(status: SmsStatus, message_id: int | None, attempt: int | None) -> None:
    """The carrier's callback: any order, repeated. It also settles what was unknown, by the ids in its own URL."""
    known: ColumnElement[bool] = OutgoingMessage.sid == status.message_sid
    if message_id is not None and attempt is not None:
        ours = (OutgoingMessage.id == message_id) & (OutgoingMessage.attempts == attempt)
        known = or_(known, ours & OutgoingMessage.sid.is_(None) & (OutgoingMessage.state != Delivery.QUEUED))
    message = session().scalar(select(OutgoingMessage).where(known).with_for_update())
    if message is None or message.state in (Delivery.DELIVERED, Delivery.FAILED):
        return
    message.sid = status.message_sid
    if _RANK.get(status.status, 0) >= _RANK["sent"] or message.state == Delivery.UNKNOWN:
        message.state = _STATES.get(status.status, Delivery.SENT)
    message.error_code = status.error_code
    if message.state == Delivery.FAILED:
        _send_again_or_note(message)


def _send_again_or_note(message: OutgoingMessage) -> None:
    """Without its sid the row is deaf to what is still told of the earlier sending."""
    if message.error_code in PASSING and message.attempts < MOST_SENDINGS:
        message.state, message.sid, message.due_at = Delivery.QUEUED, None, clock.now() + SEND_AGAIN_AFTER
    else:
        note_undelivered(message)


def _callback(status_url: str, message: OutgoingMessage) -> str:
    return f"{status_url}?message={message.id}&attempt={message.attempts}"


def _claim(message_id: int) -> OutgoingMessage | None:
    claimed = session().scalar(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.id == message_id,
            OutgoingMessage.state == Delivery.QUEUED,
            OutgoingMessage.due_at <= clock.now(),
        )
        .values(state=Delivery.SENDING, claimed_at=clock.now(), attempts=OutgoingMessage.attempts + 1)
        .returning(OutgoingMessage.id)
    )
    message = session().get(OutgoingMessage, claimed, populate_existing=True) if claimed is not None else None
    if message is not None and session().get(OptOut, message.recipient_hash) is not None:
        # They said so after it was queued.
        message.state, message.error_code = Delivery.FAILED, OPTED_OUT
        note_undelivered(message)
        return None
    return message


def _note_failure(message: OutgoingMessage, error: TelephonyError) -> None:
    outcome = _outcome(error, message.attempts)
    _settle(message.id, state=outcome, error_code=error.code, due_at=clock.now() + _wait(error, message.attempts))
    if error.code == OPTED_OUT and session().get(OptOut, message.recipient_hash) is None:
        session().add(OptOut(number_hash=message.recipient_hash, at=clock.now()))
    if outcome is Delivery.FAILED:
        note_undelivered(message)
    metrics.SMS_SENT.labels(outcome.value).inc()
    log.warning("sms.not_sent", message=message.id, outcome=outcome.value, code=error.code)


def _wait(error: TelephonyError, attempts: int) -> timedelta:
    """What the carrier asks for, else twice as long each time."""
    if error.retry_after is not None:
        return timedelta(seconds=min(error.retry_after, 3600.0))
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)


def _outcome(error: TelephonyError, attempts: int) -> Delivery:
    if error.outcome_unknown:
        return Delivery.UNKNOWN
    return Delivery.FAILED if error.permanent or attempts >= MOST_ATTEMPTS else Delivery.QUEUED


def _settle(message_id: int, **values: object) -> None:
    """Only what is still ours: the status callback may have been faster than the carrier's answer.

    A claim that was given up is ours too: nobody else takes it, and now its outcome is known after all.
    """
    ours = OutgoingMessage.state.in_([Delivery.SENDING, Delivery.UNKNOWN])
    session().execute(update(OutgoingMessage).where(OutgoingMessage.id == message_id, ours).values(**values))
