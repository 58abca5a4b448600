"""Handing a message to the carrier: claimed in one transaction, sent outside any, its outcome kept in another."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from app import clock, metrics
from app.db import session, transaction
from app.messages.models import Delivery, OutgoingMessage
from telephony.ports import Carrier, SmsStatus, TelephonyError

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 6
# Longer than any time-out towards the carrier: whoever still holds the claim then is dead.
CLAIM_LASTS = timedelta(seconds=60)
_RANK = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}


def send(message_id: int, carrier: Carrier, status_url: str) -> None:
    """Send once. Who loses the claim does nothing; an unknown outcome is never sent again blindly."""
    with transaction():
        message = _claim(message_id)
    if message is None:
        return
    try:
        sid = carrier.send_sms(message.recipient or "", message.text or "", f"{status_url}?message={message.id}")
    except TelephonyError as error:
        with transaction():
            _note_failure(message_id, error)
        return
    with transaction():
        _settle(message_id, state=Delivery.SENT, sid=sid)
    metrics.SMS_SENT.labels("sent").inc()


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


def note_status(status: SmsStatus, message_id: int | None) -> None:
    """The carrier's callback: any order, repeated. It also settles what was unknown, by the id in its own URL."""
    state = {"delivered": Delivery.DELIVERED, "undelivered": Delivery.FAILED, "failed": Delivery.FAILED}.get(
        status.status, Delivery.SENT
    )
    known: ColumnElement[bool] = OutgoingMessage.sid == status.message_sid
    if message_id is not None:
        known = or_(known, (OutgoingMessage.id == message_id) & OutgoingMessage.sid.is_(None))
    message = session().scalar(select(OutgoingMessage).where(known).with_for_update())
    if message is None or message.state in (Delivery.DELIVERED, Delivery.FAILED):
        return
    message.sid = status.message_sid
    if _RANK.get(status.status, 0) >= _RANK["sent"] or message.state == Delivery.UNKNOWN:
        message.state = state
    message.error_code = status.error_code


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
    return session().get(OutgoingMessage, claimed, populate_existing=True) if claimed is not None else None


def _note_failure(message_id: int, error: TelephonyError) -> None:
    outcome = _outcome(error, session().get_one(OutgoingMessage, message_id).attempts)
    later = clock.now() + timedelta(seconds=error.retry_after or 15)
    _settle(message_id, state=outcome, error_code=error.code, due_at=later)
    metrics.SMS_SENT.labels(outcome.value).inc()
    log.warning("sms.not_sent", message=message_id, outcome=outcome.value, code=error.code)


def _outcome(error: TelephonyError, attempts: int) -> Delivery:
    if error.outcome_unknown:
        return Delivery.UNKNOWN
    return Delivery.FAILED if error.permanent or attempts >= MOST_ATTEMPTS else Delivery.QUEUED


def _settle(message_id: int, **values: object) -> None:
    """Only what is still ours: the status callback may have been faster than the carrier's answer."""
    session().execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.id == message_id, OutgoingMessage.state == Delivery.SENDING)
        .values(**values)
    )
