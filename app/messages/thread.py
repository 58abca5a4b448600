"""What the centre and a citizen write to each other about a case: by SMS, and on the citizen's page.

The history says that somebody wrote, never what: units read histories.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select, true, update

from app import clock
from app.accounts.roles import CITIZEN, Permission, Principal
from app.cases.models import Case
from app.cases.queries import find_case
from app.cases.rows import locked, record
from app.cases.visibility import can_see_reporter
from app.config import Settings
from app.db import after_commit, session
from app.errors import Conflict, Forbidden, Invalid
from app.messages import outbox, tasks, texts
from app.messages.models import IncomingMessage, OutgoingMessage, ThreadMessage

LONGEST = 300  # five segments
# On one page: more is noise, or a machine.
MOST_UNANSWERED = 10
MOST_SHOWN = 200
MOST_OPEN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """`delivery`: what became of an SMS that went out."""

    message: ThreadMessage
    delivery: str | None


@dataclass(frozen=True, slots=True)
class OpenThread:
    """A case in which the citizen waits for an answer: their last words, and how many they wrote."""

    case: Case
    last: ThreadMessage
    count: int


def of_case(viewer: Principal, case_id: int) -> tuple[Case, list[Line]]:
    """The messages with the delivery of those that went out as SMS; the oldest first."""
    case = find_case(viewer, case_id)
    if not can_see_reporter(viewer, case):
        raise Forbidden("来电人要求保密，往来短信仅受理中心可见" if case.confidential else "您的角色不能查看往来短信")
    return case, lines(case.id)


def lines(case_id: int) -> list[Line]:
    query = (
        select(ThreadMessage, OutgoingMessage.state)
        .outerjoin(OutgoingMessage, OutgoingMessage.id == ThreadMessage.sent_id)
        .where(ThreadMessage.case_id == case_id)
        .order_by(ThreadMessage.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Line(message, delivery) for message, delivery in session().execute(query)][::-1]


def why_not(case: Case) -> str:
    """Why this citizen can be sent no SMS; "" if they can."""
    if not case.reporter_phone or not case.reporter_hash:
        return "来电人没有留下手机号"
    if not case.sms_consent:
        return "来电人不同意接收短信"
    return "来电人已退订短信" if outbox.is_opted_out(case.reporter_hash) else ""


def write(actor: Principal, case_id: int, text: str) -> Case:
    """To the citizen, as an SMS and on their page. Answers whatever they had asked."""
    case = locked(actor, case_id)
    if not (actor.may(Permission.CREATE_CASES) and can_see_reporter(actor, case)):
        raise Forbidden("您的角色不能给来电人发短信")
    if refusal := why_not(case):
        raise Conflict(refusal)
    if not 1 <= len(text) <= LONGEST:
        raise Invalid(f"请填写 1 至 {LONGEST} 字", fields={"text": f"1 至 {LONGEST} 字"})
    (event,) = record(actor, case, [("case.messaged", f"{len(text)} 字")])
    sent = outbox.queue(event, case, texts.in_thread(case, text))
    if sent is None:
        raise AssertionError("asked before")
    _add(case, ThreadMessage(is_from_citizen=False, channel="sms", text=text, author_id=actor.id, author=actor.name,
                             recipient_hash=case.reporter_hash, sent_id=sent.id))  # fmt: skip
    _answer(actor, case)
    after_commit(lambda: tasks.hand_over(sent.id))
    return case


def mark_read(actor: Principal, case_id: int) -> Case:
    """What needs no answer is answered with this."""
    case = locked(actor, case_id)
    if not (actor.may(Permission.CREATE_CASES) and can_see_reporter(actor, case)):
        raise Forbidden("您的角色不能处理来电人的来信")
    if _answer(actor, case):
        record(actor, case, [("case.messaged", "已阅，无须回复")])
    return case


def hear_on_page(case_id: int, text: str) -> None:
    """The citizen writes on the page of their case. A telephone costs its owner something, a page does not."""
    case = locked(CITIZEN, case_id)
    waiting = select(func.count()).select_from(ThreadMessage).where(ThreadMessage.case_id == case.id, *_open())
    if (session().scalar(waiting) or 0) >= MOST_UNANSWERED:
        raise Conflict("您的来信已收到，请等待答复")
    _hear(case, text, "web")


def hear_by_sms(message: IncomingMessage, case_id: int) -> str:
    """The citizen's SMS belongs to a running thread; returns the reply."""
    case = locked(CITIZEN, case_id)
    _hear(case, (message.body or "").strip()[:1000], "sms")
    message.case_id = case.id
    return texts.heard_in_thread(case)


def running(sender_hash: str | None) -> ScalarSelect[int]:
    """The case in whose thread this telephone was written to last, if that is not too long ago."""
    since = clock.now() - timedelta(days=_settings().thread_days)
    query = select(ThreadMessage.case_id).where(
        ThreadMessage.recipient_hash == (sender_hash or ""), ThreadMessage.at >= since
    )
    return query.order_by(ThreadMessage.at.desc()).limit(1).scalar_subquery()


def known_and_running(sid: str, sender_hash: str | None) -> tuple[IncomingMessage | None, int | None]:
    """Whether a message was delivered before, and where it belongs if not: one question for every SMS that comes."""
    one = select(literal(1).label("one")).subquery()
    query = select(IncomingMessage, running(sender_hash)).select_from(one)
    found = session().execute(query.outerjoin(IncomingMessage, IncomingMessage.sid == sid)).one()
    return found[0], found[1]


def unanswered(limit: int = MOST_OPEN) -> list[OpenThread]:
    """Citizens who wait for an answer, the longest first."""
    waits = (
        select(
            func.max(ThreadMessage.id).label("last"), func.count().label("n"), func.min(ThreadMessage.at).label("at")
        )
        .where(*_open())
        .group_by(ThreadMessage.case_id)
        .subquery()
    )
    query = (
        select(Case, ThreadMessage, waits.c.n)
        .join(ThreadMessage, ThreadMessage.case_id == Case.id)
        .join(waits, waits.c.last == ThreadMessage.id)
        .order_by(waits.c.at)
    )
    return [OpenThread(case, last, n) for case, last, n in session().execute(query.limit(limit))]


def _hear(case: Case, text: str, channel: str) -> None:
    if not 1 <= len(text) <= 1000:
        raise Invalid("请填写内容", fields={"text": "请填写内容"})
    _add(case, ThreadMessage(is_from_citizen=True, channel=channel, text=text, author=CITIZEN.name))
    record(CITIZEN, case, [("case.written_to", "短信" if channel == "sms" else "网页")])


def _add(case: Case, message: ThreadMessage) -> None:
    message.case_id, message.at = case.id, clock.now()
    session().add(message)
    session().flush()


def _answer(actor: Principal, case: Case) -> int:
    """Returns how many messages had waited."""
    done = session().execute(
        update(ThreadMessage)
        .where(ThreadMessage.case_id == case.id, *_open())
        .values(answered_at=clock.now(), answered_by=actor.id)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _open() -> tuple[ColumnElement[bool], ...]:
    return ThreadMessage.is_from_citizen == true(), ThreadMessage.answered_at.is_(None)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
