"""The carrier brings a message, or tells what became of ours."""

import re

from flask import Blueprint, current_app

from app.db import transaction
from app.extensions import csrf
from app.messages import sending, service
from app.retries import in_transaction
from app.webhooks import SMS_BODY_LIMIT, Answer, current_webhook, webhook
from telephony.ports import Message, SmsReceived, SmsStatus

bp = Blueprint("message_webhooks", __name__, url_prefix="/telephony")
# The carrier signs its requests; it knows no token of ours.
csrf.exempt(bp)
_ID = re.compile(r"[0-9]{1,18}")


@bp.post("/sms")
@webhook(lambda carrier: carrier.hear_sms, body_limit=SMS_BODY_LIMIT)
def sms_came(sms: SmsReceived) -> Answer:
    reply = in_transaction(lambda: service.hear(sms, current_app.extensions["classifier"]))
    return [Message(reply)] if reply else []


@bp.post("/sms/status")
@webhook(lambda carrier: carrier.hear_sms_status)
def sms_status_came(status: SmsStatus) -> Answer:
    message_id, attempt = _named("message"), _named("attempt")
    with transaction():
        sending.note_status(status, message_id, attempt)
    return None


def _named(name: str) -> int | None:
    """What our own address named."""
    text = dict(current_webhook().query).get(name, "")
    return int(text) if _ID.fullmatch(text) else None
