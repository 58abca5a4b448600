"""短信提醒 to those who work: a digest of reminders goes to a duty telephone or to a person's own."""

from sqlalchemy import select

from app.accounts.models import Account
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.messages import outbox, tasks
from app.network.models import Unit
from app.privacy import fingerprint
from telephony.numbers import is_mobile, normalise


@on("reminder.digest")
def tell_staff(event: Event) -> None:
    """Whoever has no telephone here sees it on the screen alone."""
    phone = _phone_of(str(event.payload["recipient"]))
    if phone is None:
        return
    recipient = (phone, fingerprint(phone))
    message = outbox.put(event, int(event.payload["case_id"]), str(event.payload["text"]), recipient)
    if message is not None:
        after_commit(lambda: tasks.hand_over(message.id))


def _phone_of(recipient: str) -> str | None:
    kind, _, number = recipient.partition(":")
    if kind == "unit":
        stored = session().scalar(select(Unit.duty_phone).where(Unit.id == int(number), Unit.is_active))
    else:
        stored = session().scalar(select(Account.phone).where(Account.id == int(number), Account.is_active))
    phone = normalise(stored) if stored else None
    return phone if is_mobile(phone) else None  # a landline reads no messages
