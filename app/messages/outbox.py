"""Putting a message into the table of those to be sent, in the transaction of what it tells of."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app
from sqlalchemy import Table, bindparam, exists, insert, select

from app import clock
from app.cases.models import Case
from app.config import Settings
from app.db import session
from app.events.models import Event
from app.messages.models import Delivery, OptOut, OutgoingMessage
from telephony.segments import count_segments

_TABLE = cast("Table", OutgoingMessage.__table__)
_OPT_OUT = cast("Table", OptOut.__table__)
_FIELDS = (
    "event_id",
    "case_id",
    "purpose",
    "recipient",
    "recipient_hash",
    "text",
    "segments",
    "state",
    "attempts",
    "due_at",
    "created_at",
)
_VALUES = select(*(bindparam(name, type_=_TABLE.c[name].type) for name in _FIELDS))
# One message for an event and telephone: a unit's own duty telephone may have reported the case that it gets.
_NEW = _VALUES.where(
    ~exists().where(_TABLE.c.event_id == bindparam("event_id"), _TABLE.c.recipient_hash == bindparam("recipient_hash"))
)
_OPTED_OUT = exists().where(_OPT_OUT.c.number_hash == bindparam("recipient_hash", type_=_OPT_OUT.c.number_hash.type))
# Made once, and one statement each: every dispatched case puts a message.
_PUT, _PUT_IF_WANTED = (
    insert(_TABLE).from_select(_FIELDS, chosen, include_defaults=False).returning(_TABLE.c.id)
    for chosen in (_NEW, _NEW.where(~_OPTED_OUT))
)


@dataclass(frozen=True, slots=True)
class Queued:
    id: int


def when_awake() -> datetime:
    """When a citizen may hear how a matter ended: at once, or, where the city wants it so, after its night."""
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    if not settings.hold_sms_at_night:
        return now
    return clock.QuietHours(settings.quiet_from, settings.quiet_until).end_after(now)


def is_opted_out(number_hash: str | None) -> bool:
    return number_hash is not None and session().get(OptOut, number_hash) is not None


def queue(event: Event, case: Case, text: str, *, due_at: datetime | None = None) -> Queued | None:
    """A message to the case's reporter because of the event; None if they have no phone or want none."""
    phone, number_hash = case.reporter_phone, case.reporter_hash
    if not phone or not number_hash or not case.sms_consent:
        return None
    return put(event, case.id, text, (phone, number_hash), due_at=due_at)


def put(
    event: Event,
    case_id: int,
    text: str,
    recipient: tuple[str, str],
    *,
    purpose: str = "",
    always: bool = False,
    due_at: datetime | None = None,
) -> Queued | None:
    """`recipient`: the number and its fingerprint. None for whoever wants no messages.

    `always`: a row even then. It is not sent, but its failure is seen: somebody must reach the unit otherwise.
    """
    now = clock.now()
    values = {
        "event_id": event.id,
        "case_id": case_id,
        "purpose": purpose or event.kind,
        "recipient": recipient[0],
        "recipient_hash": recipient[1],
        "text": text,
        "segments": count_segments(text),
        "state": Delivery.QUEUED.value,
        "attempts": 0,
        "due_at": due_at or now,
        "created_at": now,
    }
    message_id = session().scalar(_PUT if always else _PUT_IF_WANTED, values)
    return Queued(message_id) if message_id is not None else None
