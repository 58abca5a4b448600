"""Units that work by SMS: the ticket goes to the duty telephone, a code and a digit answer it, the case moves on.

What they write leads through the same workflow as any other hand, in the unit's name.
"""

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

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
from app.messages.models import Ticket
from app.network.models import Unit
from app.network.queries import routing_stamp
from app.network.unit_types import Channel
from app.privacy import fingerprint
from telephony.numbers import is_mobile, normalise

TOLD = {
    "case.dispatched": texts.ticket,
    "case.reassigned": texts.ticket,
    "case.co_unit_added": texts.ticket,
    "case.reopened": texts.ticket,
    "case.resumed": texts.ticket,
    "case.check_failed": texts.ticket_again,
    "case.urged": texts.ticket_urged,
    "case.supervised": texts.ticket_urged,
    "case.extension_granted": texts.ticket_decided,
    "case.extension_refused": texts.ticket_decided,
}
_ANSWER = re.compile(
    r"^(?:(?P<code>\d{1,9})\s*[-:：,，.。 ]\s*)?(?P<digit>[123])(?![0-9])\s*[,，.。:：]?\s*(?P<words>.*)$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Answer:
    """ "4821 2 不归我们管" as the unit wrote it; `code` None: the one ticket it has."""

    code: int | None
    digit: str
    words: str


def read_answer(body: str) -> Answer | None:
    found = _ANSWER.match(body.strip())
    return (
        Answer(int(found["code"]) if found["code"] else None, found["digit"], found["words"].strip()) if found else None
    )


@on(*TOLD)
def text_units(event: Event) -> None:
    texting = _texting(routing_stamp())
    if not texting:
        return
    case = session().get_one(Case, event.subject_id)
    for unit_id in [each for each in (case.unit_id, *case.co_unit_ids) if each in texting]:
        _text(event, case, session().get_one(Unit, unit_id))


def hear(sender_hash: str | None, body: str) -> tuple[Ticket, str] | None:
    """The ticket and the reply; None if this is no answer to a ticket of this telephone."""
    meant = read_answer(body)
    if sender_hash is None or meant is None:
        return None
    mine = list(session().scalars(select(Ticket).where(Ticket.phone_hash == sender_hash)))
    ticket = _meant(mine, meant)
    if ticket is None:
        return None
    try:
        return ticket, _act(ticket, meant)
    except DomainError as error:
        return ticket, texts.ticket_refused(ticket.id, error.message)


def ticket_by_token(token: str) -> Ticket:
    found = session().scalar(select(Ticket).where(Ticket.token == token))
    if found is None:
        raise NotFound("链接已失效")
    return found


def hand_of(ticket: Ticket) -> Principal:
    """The unit itself, at whatever telephone it sits."""
    unit = session().get_one(Unit, ticket.unit_id)
    return Principal(id=None, name=f"{unit.name}（短信）", roles=frozenset({Role.HANDLER}), unit_id=unit.id)


def _meant(mine: list[Ticket], meant: Answer) -> Ticket | None:
    if meant.code is not None:
        return next((each for each in mine if each.id == meant.code), None)
    # Without a code only where there is nothing to mix up.
    at_work = [each for each in mine if _is_at_work(each)]
    return at_work[0] if len(at_work) == 1 else None


def _is_at_work(ticket: Ticket) -> bool:
    """A case that has left the unit is nothing it could answer."""
    case = session().get_one(Case, ticket.case_id)
    return case.state in AT_THE_UNIT and can_see(hand_of(ticket), case)


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


def _text(event: Event, case: Case, unit: Unit) -> None:
    phone = normalise(unit.duty_phone) if unit.duty_phone else None
    if phone is None or not is_mobile(phone):
        return
    ticket = _ticket(case, unit, fingerprint(phone))
    settings = _settings()
    text = TOLD[event.kind](ticket.id, case, _link(ticket, settings) if settings.sms_links else "")
    message = outbox.put(
        event, case.id, text, (phone, ticket.phone_hash), purpose=f"ticket.{event.kind}", is_ticket=True
    )
    if message is not None:
        after_commit(lambda: tasks.hand_over(message.id))


def _ticket(case: Case, unit: Unit, phone_hash: str) -> Ticket:
    found = session().scalar(select(Ticket).where(Ticket.unit_id == unit.id, Ticket.case_id == case.id))
    if found is None:
        found = Ticket(unit_id=unit.id, case_id=case.id, token=secrets.token_urlsafe(18), at=clock.now())
        session().add(found)
    found.phone_hash = phone_hash
    session().flush()
    return found


def _link(ticket: Ticket, settings: Settings) -> str:
    return f"{settings.public_base_url}/t/{ticket.token}"


@lru_cache(maxsize=2)
def _texting(_stamp: str) -> frozenset[int]:
    """Units that work by SMS; the stamp changes with every edit of a unit, so that filing a case asks nothing."""
    return frozenset(session().scalars(select(Unit.id).where(Unit.channel == Channel.SMS, Unit.is_active)))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
