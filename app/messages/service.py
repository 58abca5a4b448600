"""Messages to citizens and from them. Sending itself is in `sending.py`."""

from collections.abc import Callable

from sqlalchemy import delete, select

from app import clock
from app.accounts.roles import CITIZEN
from app.cases import queries as cases
from app.cases import service as case_service
from app.cases.models import Case
from app.cases.workflow import ENDED, State
from app.db import session
from app.events.models import Event
from app.messages import texts, tickets
from app.messages.meaning import Meaning, Read, read
from app.messages.models import IncomingMessage, OptOut, OutgoingMessage
from app.privacy import fingerprint
from nlp.types import Classifier
from telephony.ports import SmsReceived
from telephony.segments import count_segments

LONGEST_TEXT = 10_000
RATING_OPEN_DAYS = 7
# A bare digit rates a closed case, unless it comes from a unit that was just sent one.
_MAY_ANSWER_A_TICKET = (Meaning.RATING, Meaning.MATTER)


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


def hear(sms: SmsReceived, classifier: Classifier) -> str | None:
    """Take in a citizen's message and return the reply. A repeated delivery gets the first one's reply."""
    known = session().scalar(select(IncomingMessage).where(IncomingMessage.sid == sms.message_sid))
    if known is not None:
        return known.reply
    meant = read(sms.body, sms.opt_out)
    sender_hash = fingerprint(sms.sender) if sms.sender else None
    message = IncomingMessage(
        sid=sms.message_sid,
        sender=sms.sender,
        sender_hash=sender_hash,
        body=sms.body[:LONGEST_TEXT],
        meaning=meant.meaning,
        at=clock.now(),
    )
    session().add(message)
    session().flush()  # a concurrent repetition collides here, before anything else is written
    if meant.meaning in _MAY_ANSWER_A_TICKET and (answered := tickets.hear(sender_hash, sms.body)) is not None:
        message.meaning, message.case_id, message.reply = Meaning.TICKET, answered[0].case_id, answered[1]
        return message.reply
    answer: Callable[[], str] = {
        Meaning.STOP: lambda: _stop(sender_hash),
        Meaning.START: lambda: _start(sender_hash),
        Meaning.HELP: lambda: texts.HELP,
        Meaning.QUERY: lambda: _query(message, meant),
        Meaning.URGE: lambda: _urge(message, meant),
        Meaning.RATING: lambda: _rate(message, meant),
        Meaning.MATTER: lambda: _open_draft(message, sms, classifier),
    }[meant.meaning]
    message.reply = answer()
    if sms.opt_out:
        message.reply = None  # the carrier has answered already
    return message.reply


def _stop(sender_hash: str | None) -> str:
    if sender_hash and session().get(OptOut, sender_hash) is None:
        session().add(OptOut(number_hash=sender_hash, at=clock.now()))
    return texts.STOPPED


def _start(sender_hash: str | None) -> str:
    session().execute(delete(OptOut).where(OptOut.number_hash == sender_hash))
    return texts.STARTED


def _query(message: IncomingMessage, meant: Read) -> str:
    """The status to the case's own phone; to any other the same words whether the number exists or not."""
    case = _named(message, meant) or (_latest(message) if meant.number is None else None)
    if case is None:
        return texts.NOT_YOURS if meant.number else texts.NO_CASE
    message.case_id = case.id
    return texts.status(case)


def _urge(message: IncomingMessage, meant: Read) -> str:
    found = _named(message, meant) or (_latest(message) if meant.number is None else None)
    if found is None:
        return texts.NOT_YOURS if meant.number else texts.NO_CASE
    message.case_id = found.id
    if found.state in ENDED:
        return texts.URGE_ENDED.format(number=found.number)
    case_service.urge(CITIZEN, case_service.locked(CITIZEN, found.id), "来电人短信催办")
    return texts.URGED.format(number=found.number)


def _rate(message: IncomingMessage, meant: Read) -> str:
    """A bare digit rates the case that was closed last."""
    rated = _lately_closed(message)
    if rated is None or meant.rating is None:
        last = _latest(message)
        return texts.TOO_EARLY.format(number=last.number) if last and last.state not in ENDED else texts.NO_CASE
    case = case_service.locked(CITIZEN, rated.id)
    case_service.rate(case, meant.rating)
    message.case_id = case.id
    return texts.RATED.format(rating=meant.rating)


def _open_draft(message: IncomingMessage, sms: SmsReceived, classifier: Classifier) -> str:
    text = sms.body.strip()[:LONGEST_TEXT]
    case = case_service.open_draft(
        text, source_id=sms.message_sid, phone=sms.sender, understanding=classifier.understand(text)
    )
    message.case_id = case.id
    return texts.received(case)


def _named(message: IncomingMessage, meant: Read) -> Case | None:
    case = cases.case_numbered(meant.number) if meant.number else None
    return case if case is not None and _is_own(message, case) else None


def _is_own(message: IncomingMessage, case: Case) -> bool:
    return message.sender_hash is not None and case.reporter_hash == message.sender_hash


def _latest(message: IncomingMessage) -> Case | None:
    found = cases.of_caller(message.sender_hash, limit=1) if message.sender_hash else []
    return found[0] if found else None


def _lately_closed(message: IncomingMessage) -> Case | None:
    if message.sender_hash is None:
        return None
    closed = [case for case in cases.of_caller(message.sender_hash) if case.state == State.CLOSED and case.closed_at]
    recent = [case for case in closed if case.closed_at and (clock.now() - case.closed_at).days < RATING_OPEN_DAYS]
    return max(recent, key=lambda case: case.closed_at or case.opened_at, default=None)
