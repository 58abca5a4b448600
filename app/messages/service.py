"""Messages to citizens and from them. Sending itself is in `sending.py`."""

from collections.abc import Callable

from sqlalchemy import delete

from app import clock
from app.accounts.roles import CITIZEN
from app.cases import queries as cases
from app.cases import service as case_service
from app.cases.models import Case
from app.cases.reporters import is_reporter, last_joined
from app.cases.workflow import ENDED, State
from app.db import session
from app.inserts import insert_now
from app.messages import crowd, texts, thread, tickets
from app.messages.meaning import Meaning, Read, is_answer, read
from app.messages.models import IncomingMessage, OptOut
from app.privacy import fingerprint
from nlp.types import Classifier, Understanding
from telephony.ports import SmsReceived

LONGEST_TEXT = 10_000
RATING_OPEN_DAYS = 7
# A bare digit rates a closed case, unless it comes from a unit that was just sent one.
_MAY_ANSWER_A_TICKET = (Meaning.RATING, Meaning.MATTER)


def hear(sms: SmsReceived, classifier: Classifier) -> str | None:
    """Take in a citizen's message and return the reply. A repeated delivery gets the first one's reply."""
    sender_hash = fingerprint(sms.sender) if sms.sender else None
    known, running = thread.known_and_running(sms.message_sid, sender_hash)
    if known is not None:
        return known.reply
    meant = read(sms.body, sms.opt_out)
    message = IncomingMessage(
        sid=sms.message_sid,
        sender=sms.sender,
        sender_hash=sender_hash,
        body=sms.body[:LONGEST_TEXT],
        meaning=meant.meaning,
        at=clock.now(),
    )
    insert_now(message)  # a concurrent repetition collides here, before anything else is written
    if meant.meaning in _MAY_ANSWER_A_TICKET and (answered := tickets.hear(sender_hash, sms.body)) is not None:
        message.meaning, message.case_id, message.reply = Meaning.TICKET, *answered
        return message.reply
    answer: Callable[[], str] = {
        Meaning.STOP: lambda: _stop(sender_hash),
        Meaning.START: lambda: _start(sender_hash),
        Meaning.HELP: texts.how_it_works,
        Meaning.QUERY: lambda: _query(message, meant),
        Meaning.URGE: lambda: _urge(message, meant),
        Meaning.RATING: lambda: _rate(message, meant, running),
        Meaning.MATTER: lambda: _take_words(message, sms, classifier, running),
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
        return texts.not_yours() if meant.number else texts.no_case()
    message.case_id = case.id
    return texts.status(case)


def _urge(message: IncomingMessage, meant: Read) -> str:
    found = _named(message, meant) or (_latest(message) if meant.number is None else None)
    if found is None:
        return texts.not_yours() if meant.number else texts.no_case()
    message.case_id = found.id
    if found.state in ENDED:
        return texts.urge_ended(found)
    case_service.urge(CITIZEN, case_service.locked(CITIZEN, found.id), "来电人短信催办")
    return texts.URGED.format(number=found.number)


def _rate(message: IncomingMessage, meant: Read, running: int | None) -> str:
    """A bare digit rates the case that was closed last; with none closed it may answer what an agent has asked."""
    rated = _lately_closed(message)
    if rated is None and running is not None:
        return _continue(message, running)
    if rated is None or meant.rating is None:
        last = _latest(message)
        return texts.TOO_EARLY.format(number=last.number) if last and last.state not in ENDED else texts.no_case()
    case = case_service.locked(CITIZEN, rated.id)
    case_service.rate(case, meant.rating)
    message.case_id = case.id
    return texts.RATED.format(rating=meant.rating)


def _take_words(message: IncomingMessage, sms: SmsReceived, classifier: Classifier, running: int | None) -> str:
    """An answer within a running thread, unless it tells of another matter; else a draft."""
    text = sms.body.strip()[:LONGEST_TEXT]
    understood = classifier.understand(text)
    if running is not None and is_answer(session().get_one(Case, running), understood):
        return _continue(message, running)
    known = crowd.answer_known(message, text, understood)
    return known if known is not None else _open_draft(message, sms, text, understood)


def _continue(message: IncomingMessage, running: int) -> str:
    message.meaning = Meaning.THREAD
    return thread.hear_by_sms(message, running)


def _open_draft(message: IncomingMessage, sms: SmsReceived, text: str, understood: Understanding) -> str:
    case = case_service.open_draft(text, source_id=sms.message_sid, phone=sms.sender, understanding=understood)
    message.case_id = case.id
    return texts.received(case)


def _named(message: IncomingMessage, meant: Read) -> Case | None:
    case = cases.case_numbered(meant.number) if meant.number else None
    return case if case is not None and _is_own(message, case) else None


def _is_own(message: IncomingMessage, case: Case) -> bool:
    if message.sender_hash is None:
        return False
    return case.reporter_hash == message.sender_hash or is_reporter(case.id, message.sender_hash)


def _latest(message: IncomingMessage) -> Case | None:
    """Their own newest, or the known one that they were attached to."""
    found = cases.of_caller(message.sender_hash, limit=1) if message.sender_hash else []
    if message.sender_hash and (not found or found[0].state == State.VOID):
        return last_joined(message.sender_hash) or next(iter(found), None)
    return found[0] if found else None


def _lately_closed(message: IncomingMessage) -> Case | None:
    if message.sender_hash is None:
        return None
    closed = [case for case in cases.of_caller(message.sender_hash) if case.state == State.CLOSED and case.closed_at]
    recent = [case for case in closed if case.closed_at and (clock.now() - case.closed_at).days < RATING_OPEN_DAYS]
    return max(recent, key=lambda case: case.closed_at or case.opened_at, default=None)
