"""短信提醒 to those who work: a digest of reminders goes to a duty telephone or to a person's own."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.accounts.models import Account
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on_all
from app.messages import outbox, tasks
from app.network.models import Unit
from app.privacy import fingerprint
from telephony.numbers import is_mobile, normalise


@on_all("reminder.digest")
def tell_staff(events: Sequence[Event]) -> None:
    """Whoever has no telephone here sees it on the screen alone."""
    phones = _phones_of({str(event.payload["recipient"]) for event in events})
    for event in events:
        phone = phones.get(str(event.payload["recipient"]))
        if phone is not None:
            _put(event, phone)


def _put(event: Event, phone: str) -> None:
    recipient = (phone, fingerprint(phone))
    message = outbox.put(event, int(event.payload["case_id"]), str(event.payload["text"]), recipient)
    if message is not None:
        after_commit(lambda: tasks.hand_over(message.id))


def _phones_of(recipients: Collection[str]) -> dict[str, str]:
    """Of a bad minute's fifty recipients in two statements. A landline reads no messages."""
    stored: dict[str, str | None] = {}
    for kind, query in (
        ("unit", select(Unit.id, Unit.duty_phone).where(Unit.is_active, Unit.id.in_(_ids("unit", recipients)))),
        (
            "account",
            select(Account.id, Account.phone).where(Account.is_active, Account.id.in_(_ids("account", recipients))),
        ),
    ):
        stored |= {f"{kind}:{row_id}": phone for row_id, phone in session().execute(query)}
    numbers = {recipient: normalise(phone) for recipient, phone in stored.items() if phone}
    return {recipient: number for recipient, number in numbers.items() if number and is_mobile(number)}


def _ids(kind: str, recipients: Collection[str]) -> list[int]:
    return [int(number) for named, _, number in (each.partition(":") for each in recipients) if named == kind]
