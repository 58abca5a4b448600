"""Messages to and from the many who report one matter: further reporters of a case, and the people of an incident."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from flask import current_app
from sqlalchemy import select

from app import clock
from app.cases import reporters
from app.cases.models import Case, CaseReporter
from app.cases.reporters import Newcomer
from app.db import after_commit, session
from app.events.models import Event
from app.events.service import on
from app.messages import outbox, tasks, texts
from app.messages.models import IncomingMessage, OptOut, OutgoingMessage
from nlp.types import Understanding
from telephony.numbers import is_mobile
from telephony.segments import count_segments

# (the known case, the reply), or None. Incidents lie beside this package: the application hands it in.
JoinBySms = Callable[[Understanding, Newcomer], tuple[int, str] | None]


def answer_known(message: IncomingMessage, text: str, understood: Understanding) -> str | None:
    """The reply to a message that tells of a confirmed incident: its sender is attached and told how far it is."""
    join = cast("JoinBySms", current_app.extensions["join_by_sms"])
    newcomer = Newcomer(via="sms", phone=message.sender, number_hash=message.sender_hash, words=text)
    joined = join(understood, newcomer)
    if joined is None:
        return None
    message.case_id, reply = joined
    return reply


def has_been_told(case: Case) -> bool:
    """Whether the reporter knows already that the incident of the case is over; asking for it again unsays that."""
    if case.incident_id is None or case.reporter_hash is None:
        return False
    told_at = reporters.told_at(case.incident_id, case.reporter_hash)
    return told_at is not None and not _is_reopened_since(case, told_at)


def _is_reopened_since(case: Case, moment: datetime) -> bool:
    lines = select(Event.id).where(
        Event.subject_type == "case",
        Event.subject_id == case.id,
        Event.kind == "case.reopened",
        Event.at >= moment,
    )
    return case.reopens > 0 and session().scalar(lines.limit(1)) is not None


@on("case.merged")
def tell_sender(event: Event) -> None:
    """Of a text message that an agent found to be about a known case: it ends here, the case does not."""
    draft = session().get_one(Case, event.subject_id)
    message = outbox.queue(event, draft, texts.merged(str(event.payload["text"])))
    if message is not None:
        after_commit(lambda: tasks.hand_over(message.id))


@on("incident.told")
def tell_people(event: Event) -> None:
    """A bite of the people of an incident that is fixed. The sweep sends them."""
    ids = event.payload["reporter_ids"]
    rows = session().scalars(select(CaseReporter).where(CaseReporter.id.in_(ids)).order_by(CaseReporter.id)).all()
    _queue(rows, int(event.payload["event_id"]), int(event.payload["case_id"]), str(event.payload["text"]))


@on("case.closed", "case.forced_closed")
def tell_further_reporters(event: Event) -> None:
    """Of a case that belongs to no incident; most cases have none and cost nothing."""
    case = session().get_one(Case, event.subject_id)
    if case.reporters:
        text = texts.closed_for_others(case) if event.kind == "case.closed" else texts.ended_by_decision(case)
        _queue(reporters.take_untold(case.id), event.id, case.id, text)


@on("case.reopened")
def tell_them_anew(event: Event) -> None:
    case = session().get_one(Case, event.subject_id)
    if case.reporters:
        reporters.tell_anew(case.id)


def _queue(people: Sequence[CaseReporter], event_id: int, case_id: int, text: str) -> None:
    hashes = [row.number_hash for row in people if row.number_hash is not None]
    opted_out = set(session().scalars(select(OptOut.number_hash).where(OptOut.number_hash.in_(hashes))))
    session().add_all(
        OutgoingMessage(
            event_id=event_id,
            case_id=case_id,
            purpose="incident.ended",
            recipient=row.phone,
            recipient_hash=row.number_hash,
            text=text,
            segments=count_segments(text),
            due_at=outbox.when_awake(),
            created_at=clock.now(),
        )
        for row in people
        if row.number_hash not in opted_out and row.number_hash and row.sms_consent and is_mobile(row.phone)
    )
    session().flush()
