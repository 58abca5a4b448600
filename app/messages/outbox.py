"""Putting a message to a case's reporter into the queue. What sends it is in `sending.py`."""

from app import clock
from app.cases.models import Case
from app.db import session
from app.events.models import Event
from app.messages.models import OptOut, OutgoingMessage
from telephony.segments import count_segments


def queue(event: Event, case: Case, text: str) -> OutgoingMessage | None:
    """A message to the case's reporter because of the event; None if they have no phone or want none."""
    phone, number_hash = case.reporter_phone, case.reporter_hash
    if not phone or not number_hash or not case.sms_consent:
        return None
    if session().get(OptOut, number_hash) is not None:
        return None
    message = OutgoingMessage(
        event_id=event.id,
        case_id=case.id,
        purpose=event.kind,
        recipient=phone,
        recipient_hash=number_hash,
        text=text,
        segments=count_segments(text),
        due_at=clock.now(),
        created_at=clock.now(),
    )
    session().add(message)
    session().flush()
    return message
