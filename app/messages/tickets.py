"""Units that work by SMS: the ticket goes to the duty telephone, a code and a digit answer it, the case moves on.

What they write leads through the same workflow as any other hand, in the unit's name.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from app import clock
from app.accounts.roles import Principal, Role
from app.cases import service as cases
from app.cases.models import Attachment, Case
from app.cases.schemas import ActionFacts
from app.cases.terms import AT_THE_UNIT, Action, State
from app.cases.visibility import can_see
from app.config import Settings
from app.db import after_commit, session
from app.errors import DomainError, NotFound
from app.events.models import Event
from app.events.service import on
from app.messages import outbox, tasks, texts
from app.messages.models import TICKET, Ticket
from app.network.models import Unit
from app.network.queries import texting_units
from app.privacy import fingerprint
from telephony.numbers import is_mobile, normalise

TOLD = {
    "case.dispatched": texts.ticket,
    "case.reassigned": texts.ticket,
    "case.co_unit_added": texts.ticket,
    "case.reopened": texts.ticket,
    "case.resumed": texts.ticket,
    "case.check_failed": texts.ticket_again,
    "case.closing_overruled": texts.ticket_again,
    "case.urged": texts.ticket_urged,
    "case.supervised": texts.ticket_urged,
    "case.extension_granted": texts.ticket_decided,
    "case.extension_refused": texts.ticket_decided,
}
# Whatever takes a case from a unit that did not give it back itself.
TAKEN_AWAY = ("case.reassigned", "case.voided", "case.forced_closed")
_UNIT = "unit:"
# "2号楼的灯坏了" and "3个井盖没了" are matters, not answers.
_COUNTED = "0-9号楼栋幢座单期层室弄路街队组个处根条只盏天点月年"
_ANSWER = re.compile(
    rf"^(?:(?P<code>[0-9]{{1,9}})\s*[-:：,，.。 ]\s*)?(?P<digit>[123])(?![{_COUNTED}])\s*[,，.。:：]?\s*(?P<words>.*)$",
    re.DOTALL,
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９　", "0123456789 ")


@dataclass(frozen=True, slots=True)
class Answer:
    """ "4821 2 不归我们管" as the unit wrote it; `code` None: the one ticket it has."""

    code: int | None
    digit: str
    words: str


def read_answer(body: str) -> Answer | None:
    found = _ANSWER.match(body.translate(_FULL_WIDTH).strip())
    return (
        Answer(int(found["code"]) if found["code"] else None, found["digit"], found["words"].strip()) if found else None
    )


@on(*TOLD)
def text_units(event: Event) -> None:
    texting = texting_units()
    if not texting:
        return
    case = session().get_one(Case, event.subject_id)
    told: set[str] = set()
    for unit in _units(each for each in (case.unit_id, *case.co_unit_ids) if each in texting):
        phone = _mobile(unit)
        if phone is None or phone in told:  # two units at one telephone: the main unit's ticket comes
            continue
        told.add(phone)
        ticket = _ticket(case, unit, fingerprint(phone))
        settings = _settings()
        text = TOLD[event.kind](ticket.id, case, _link(ticket, settings) if settings.sms_links else "")
        _put(event, ticket, phone, text)


@on(*TAKEN_AWAY)
def call_units_off(event: Event) -> None:
    """A crew on its way to a case that is no longer its unit's must hear of it."""
    texting = texting_units()
    if not texting:
        return
    case = session().get_one(Case, event.subject_id)
    knew = {int(room.removeprefix(_UNIT)) for room in event.audience if room.startswith(_UNIT)}
    still = {case.unit_id, *case.co_unit_ids} if case.state in AT_THE_UNIT else set()
    for unit in _units((knew - still) & texting):
        ticket, phone = _known(case.id, unit.id), _mobile(unit)
        if ticket is not None and phone is not None and fingerprint(phone) == ticket.phone_hash:
            _put(event, ticket, phone, texts.ticket_taken_away(ticket.id, case))


def hear(sender_hash: str | None, body: str) -> tuple[int | None, str] | None:
    """The case, if one was meant, and the reply; None if this is no answer from a unit's telephone."""
    meant = read_answer(body)
    if sender_hash is None or meant is None:
        return None
    if meant.code is not None:
        return _by_code(sender_hash, meant.code, meant)
    at_work = _at_work(sender_hash)
    # Without a code only where there is nothing to mix up.
    if len(at_work) > 1:
        return None, texts.ticket_which([each.id for each in at_work])
    return _answer(at_work[0], meant) if at_work else None


def ticket_by_token(token: str) -> Ticket:
    found = session().scalar(select(Ticket).where(Ticket.token == token))
    if found is None:
        raise NotFound("链接已失效")
    return found


def hand_of(ticket: Ticket) -> Principal:
    """The unit itself, at whatever telephone it sits."""
    unit = session().get_one(Unit, ticket.unit_id)
    return Principal(id=None, name=f"{unit.name}（短信）", roles=frozenset({Role.HANDLER}), unit_id=unit.id)


def _by_code(sender_hash: str, code: int, meant: Answer) -> tuple[int | None, str] | None:
    mine = select(Ticket).where(Ticket.phone_hash == sender_hash)
    ticket = session().scalar(mine.where(Ticket.id == code))
    if ticket is not None:
        return _answer(ticket, meant)
    # Another unit's code, or a slip. Of a telephone that never had a ticket it is a citizen's message.
    return (None, texts.ticket_unknown(code)) if session().scalar(mine.limit(1)) is not None else None


def _answer(ticket: Ticket, meant: Answer) -> tuple[int | None, str]:
    try:
        return ticket.case_id, _act(ticket, meant)
    except DomainError as error:
        return ticket.case_id, texts.ticket_refused(ticket.id, error.message)


def _at_work(sender_hash: str) -> list[Ticket]:
    """A case that has left the unit is nothing it could answer."""
    query = select(Ticket, Case).join(Case, Case.id == Ticket.case_id)
    rows = session().execute(query.where(Ticket.phone_hash == sender_hash, Case.state.in_(AT_THE_UNIT)))
    return [ticket for ticket, case in rows if can_see(hand_of(ticket), case)]


def _act(ticket: Ticket, meant: Answer) -> str:
    case, settings = session().get_one(Case, ticket.case_id), _settings()
    action = _action(case, ticket, meant.digit)
    facts = ActionFacts(result=meant.words) if meant.digit == "3" else ActionFacts(reason=meant.words)
    if action is Action.FEED_BACK and not any(each.round == case.round for each in _results(case)):
        return texts.ticket_needs_photo(ticket.id, _link(ticket, settings))
    cases.act(hand_of(ticket), case.id, action, facts=facts)
    return texts.ticket_done(ticket.id, action)


def _action(case: Case, ticket: Ticket, digit: str) -> Action:
    if digit == "3":
        # A unit that has just begun need not accept first: the report says that it did.
        if case.state == State.DISPATCHED and case.unit_id == ticket.unit_id:
            cases.act(hand_of(ticket), case.id, Action.ACCEPT)
        return Action.FEED_BACK if case.unit_id == ticket.unit_id else Action.CO_FEED_BACK
    return Action.ACCEPT if digit == "1" else Action.RETURN


def _results(case: Case) -> list[Attachment]:
    return [each for each in case.attachments if each.purpose == "result"]


def _units(ids: Iterable[int]) -> list[Unit]:
    return [session().get_one(Unit, each) for each in dict.fromkeys(ids)]


def _mobile(unit: Unit) -> str | None:
    phone = normalise(unit.duty_phone) if unit.duty_phone else None
    return phone if is_mobile(phone) else None


def _put(event: Event, ticket: Ticket, phone: str, text: str) -> None:
    recipient = (phone, ticket.phone_hash)
    message = outbox.put(event, ticket.case_id, text, recipient, purpose=f"{TICKET}{event.kind}", always=True)
    if message is not None:
        after_commit(lambda: tasks.hand_over(message.id))


def _known(case_id: int, unit_id: int) -> Ticket | None:
    return session().scalar(select(Ticket).where(Ticket.unit_id == unit_id, Ticket.case_id == case_id))


def _ticket(case: Case, unit: Unit, phone_hash: str) -> Ticket:
    found = _known(case.id, unit.id)
    if found is None:
        found = Ticket(unit_id=unit.id, case_id=case.id, token=secrets.token_urlsafe(18), at=clock.now())
        session().add(found)
    found.phone_hash = phone_hash
    session().flush()
    return found


def _link(ticket: Ticket, settings: Settings) -> str:
    return f"{settings.public_base_url}/t/{ticket.token}"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
