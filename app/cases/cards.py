"""How a case is shown: the card everyone in its rooms may see, and the details that depend on who looks."""

from collections.abc import Callable

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases import workflow
from app.cases.deadlines import lamp, limit_text
from app.cases.models import Attachment, Case
from app.cases.schemas import (
    Area,
    AttachmentLine,
    CaseCard,
    CaseDetail,
    Condition,
    HistoryLine,
    MessageDraft,
    OfferedAction,
    Reporter,
    UnitName,
)
from app.cases.visibility import can_see_reporter
from app.cases.workflow import LABELS, Action, State
from app.catalogue.queries import catalogue
from app.events.models import Event
from app.events.queries import history
from app.network.queries import areas
from app.privacy import mask_name
from telephony.numbers import mask

EVENT_LABELS = {
    "case.opened": "受理建单",
    "case.filed": "立案",
    "case.dispatched": "派遣",
    "case.accepted": "接单",
    "case.fed_back": "处置反馈",
    "case.check_failed": "核查不通过，返工",
    "case.closed": "核查结案",
    "case.voided": "作废",
    "case.urged": "催办",
    "case.edited": "补正",
    "case.rated": "评价",
    "case.photographed": "上传照片",
}


def card_of(case: Case) -> CaseCard:
    return CaseCard(
        id=case.id,
        number=case.number,
        version=case.version,
        state=case.state,
        state_label=LABELS[State(case.state)],
        class_code=case.class_code,
        class_name=case.class_name,
        kind=None if not case.class_code else "component" if case.class_code.startswith("C") else "event",
        condition_no=case.condition_no,
        urgency=case.urgency,
        address=case.address,
        district=_area(case.district_code),
        street=_area(case.street_code),
        community=_area(case.community_code),
        unit=UnitName(id=case.unit_id, name=case.unit_name) if case.unit_id else None,
        source=case.source,
        lamp=lamp(clock.now(), case.due_at, case.yellow_at, case.fed_back_at if _is_done(case) else None),
        opened_at=case.opened_at,
        filed_at=case.filed_at,
        dispatched_at=case.dispatched_at,
        due_at=case.due_at,
        yellow_at=case.yellow_at,
        fed_back_at=case.fed_back_at,
        closed_at=case.closed_at,
        limit_text=limit_text(case.limit_value, case.limit_unit),
        urges=case.urges,
        reworks=case.reworks,
        rating=case.rating,
        lng=case.lng,
        lat=case.lat,
        confidential=case.confidential,
    )


def draft_of(case: Case, redact: Callable[[str], str] | None = None) -> MessageDraft:
    text = redact(case.description) if redact else case.description
    return MessageDraft(**dict(card_of(case)), description=text, suggestion=case.suggestion)


def detail_of(case: Case, viewer: Principal) -> CaseDetail:
    actions = workflow.offered(State(case.state), viewer.roles)
    return CaseDetail(
        **dict(card_of(case)),
        description=case.description,
        intent=case.intent,
        result=case.result,
        condition=_condition(case),
        history=[line_of(event) for event in history("case", case.id)],
        attachments=[attachment_line(each) for each in case.attachments],
        routing=case.routing,
        deadline_steps=case.deadline_steps,
        reporter=reporter_of(case, viewer),
        rating_comment=case.rating_comment,
        actions=[_offer(action, step) for action, step in actions],
    )


def line_of(event: Event) -> HistoryLine:
    return HistoryLine(
        id=event.id,
        kind=event.kind,
        label=EVENT_LABELS.get(event.kind, event.kind),
        at=event.at,
        actor=str(event.payload.get("by", "")),
        text=str(event.payload.get("text", "")),
    )


def attachment_line(attachment: Attachment) -> AttachmentLine:
    return AttachmentLine(
        id=attachment.id,
        url=f"/api/v1/attachments/{attachment.id}",
        content_type=attachment.content_type,
        purpose=attachment.purpose,
        round=attachment.round,
        at=attachment.at,
    )


def reporter_of(case: Case, viewer: Principal) -> Reporter | None:
    """Whole for those who take calls, masked for the unit, nothing at all for a confidential caller's unit."""
    if not can_see_reporter(viewer, case) or not (case.reporter_name or case.reporter_phone):
        return None
    if viewer.may(Permission.SEE_FULL_NUMBERS):
        return Reporter(name=case.reporter_name, phone=case.reporter_phone)
    phone = mask(case.reporter_phone) if case.reporter_phone else None
    return Reporter(name=mask_name(case.reporter_name or ""), phone=phone)


def _is_done(case: Case) -> bool:
    """The unit's clock stands still once it has fed back, until a failed check starts it again."""
    return case.state in (State.CHECKING, State.CLOSED) and case.fed_back_at is not None


def _area(code: str | None) -> Area | None:
    found = areas().find(code) if code else None
    return Area(code=found.code, name=found.name) if found else None


def _condition(case: Case) -> Condition | None:
    if not case.class_code or case.condition_no is None or case.catalogue_version is None:
        return None
    found = catalogue(case.catalogue_version).condition(case.class_code, case.condition_no)
    return Condition(no=found.no, text=found.text, closing=found.closing, limit_text=found.limit.text)


def _offer(action: Action, step: workflow.Step) -> OfferedAction:
    requires = sorted(fact.value for fact in step.requires)
    return OfferedAction(action=action.value, label=workflow.ACTION_LABELS[action], requires=requires)
