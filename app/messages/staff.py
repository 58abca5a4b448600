"""短信提醒 to those who work: a digest of reminders goes to a duty telephone or to a person's own."""

from sqlalchemy import select

from app import clock
from app.accounts.models import Account
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.messages import tasks
from app.messages.models import OptOut, OutgoingMessage
from app.network.models import Unit
from app.privacy import fingerprint
from telephony.numbers import is_mobile, normalise
from telephony.segments import count_segments


@on("reminder.digest")
def tell_staff(event: Event) -> None:
    """Whoever has no telephone here sees it on the screen alone."""
    phone = _phone_of(str(event.payload["recipient"]))
    if phone is None or session().get(OptOut, fingerprint(phone)) is not None:
        return
    text = str(event.payload["text"])
    message = OutgoingMessage(
        event_id=event.id,
        case_id=int(event.payload["case_id"]),
        purpose=event.kind,
        recipient=phone,
        recipient_hash=fingerprint(phone),
        text=text,
        segments=count_segments(text),
        due_at=clock.now(),
        created_at=clock.now(),
    )
    session().add(message)
    session().flush()
    after_commit(lambda: tasks.hand_over(message.id))


def _phone_of(recipient: str) -> str | None:
    kind, _, number = recipient.partition(":")
    if kind == "unit":
        stored = session().scalar(select(Unit.duty_phone).where(Unit.id == int(number), Unit.is_active))
    else:
        stored = session().scalar(select(Account.phone).where(Account.id == int(number), Account.is_active))
    phone = normalise(stored) if stored else None
    return phone if is_mobile(phone) else None  # a landline reads no messages
