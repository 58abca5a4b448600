"""The thread of a case over HTTP."""

from collections.abc import Sequence

from apiflask import APIBlueprint

from app.accounts.roles import Permission, Principal
from app.accounts.sessions import needs, principal
from app.cases.cards import card_of
from app.cases.discretion import without_caller
from app.cases.models import Case
from app.db import transaction
from app.events import access
from app.events.access import Looked
from app.messages import texts, thread
from app.messages.models import ThreadMessage
from app.messages.schemas import NewThreadMessage, OpenThreadCard, Thread, ThreadLine
from nlp.redact import redact
from telephony.numbers import mask

bp = APIBlueprint("threads", __name__, url_prefix="/api/v1", tag="往来短信")


@bp.get("/cases/<int:case_id>/messages")
@bp.output(Thread)
def show_thread(case_id: int) -> Thread:
    """What citizen and centre wrote to each other. Of a confidential caller's case the centre's alone."""
    viewer = principal()
    case, found = thread.of_case(viewer, case_id)
    if case.confidential:
        access.note(viewer.id, ("case", case.id), Looked.CONFIDENTIAL)
    return _thread(viewer, case, found)


@bp.post("/cases/<int:case_id>/messages")
@bp.input(NewThreadMessage, arg_name="new")
@bp.output(Thread, status_code=201)
@needs(Permission.CREATE_CASES)
def write_message(case_id: int, new: NewThreadMessage) -> Thread:
    """An SMS to the citizen; 409 where they left no number or want none."""
    actor = principal()
    with transaction():
        case = thread.write(actor, case_id, new.text)
        return _thread(actor, case, thread.lines(case.id))


@bp.post("/cases/<int:case_id>/messages/read")
@bp.output(Thread)
@needs(Permission.CREATE_CASES)
def read_messages(case_id: int) -> Thread:
    """What the citizen wrote needs no answer."""
    actor = principal()
    with transaction():
        case = thread.mark_read(actor, case_id)
        return _thread(actor, case, thread.lines(case.id))


def open_threads(viewer: Principal) -> list[OpenThreadCard]:
    """For the agents' snapshot: an administrator who looks in reads no words."""
    if not viewer.may(Permission.SEE_FULL_NUMBERS):
        return []
    return [
        OpenThreadCard(case=card_of(each.case), text=each.last.text or "", at=each.last.at, count=each.count)
        for each in thread.unanswered()
    ]


def _thread(viewer: Principal, case: Case, found: Sequence[thread.Line]) -> Thread:
    writes = viewer.may(Permission.CREATE_CASES)
    return Thread(
        items=[_line(viewer, case, each.message, each.delivery) for each in found],
        may_write=writes,
        why_not=thread.why_not(case) if writes else "",
        opening=texts.thread_opening(case),
        phone=mask(case.reporter_phone) if writes else "",
        longest=thread.LONGEST,
    )


def _line(viewer: Principal, case: Case, message: ThreadMessage, delivery: str | None) -> ThreadLine:
    """Whole for those who may know numbers; for all others without whoever is named in it."""
    text = message.text or ""
    return ThreadLine(
        id=message.id,
        by="citizen" if message.is_from_citizen else "centre",
        author=message.author,
        channel=message.channel,
        text=text if viewer.may(Permission.SEE_FULL_NUMBERS) else redact(without_caller(case, text)),
        at=message.at,
        delivery=delivery,
        waits=message.is_from_citizen and message.answered_at is None,
    )
