"""How a case is shown: the card everyone in its rooms may see, and the details that depend on who looks."""

from collections.abc import Callable
from datetime import datetime

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases.deadlines import lamp, limit_text, promise_warning
from app.cases.models import Attachment, Case
from app.cases.schemas import Area, AttachmentLine, CaseCard, HistoryLine, MessageDraft, Reporter, UnitName
from app.cases.terms import EVENT_LABELS, FED_BACK, LABELS, State, Verification
from app.cases.visibility import can_see_reporter
from app.events import access
from app.events.access import Looked
from app.events.models import Event
from app.network.areas import AreaTree
from app.network.queries import areas
from app.privacy import mask_name
from telephony.numbers import mask

__all__ = ["EVENT_LABELS", "attachment_line", "card_of", "draft_of", "line_of", "reporter_of", "stopped_at"]


def card_of(case: Case) -> CaseCard:
    tree = areas()
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
        district=_area(tree, case.district_code),
        street=_area(tree, case.street_code),
        community=_area(tree, case.community_code),
        unit=UnitName(id=case.unit_id, name=case.unit_name) if case.unit_id else None,
        source=case.source,
        lamp=lamp(clock.now(), case.due_at, case.yellow_at, stopped_at(case)),
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
        # Rows that are being written have no defaults yet.
        returns=case.returns or 0,
        supervisions=case.supervisions or 0,
        co_unit_ids=list(case.co_unit_ids or []),
        verification=case.verification or Verification.NONE,
        verify_due_at=case.verify_due_at,
        rating=case.rating,
        lng=case.lng,
        lat=case.lat,
        confidential=case.confidential,
        incident_id=case.incident_id,
        reporters=case.reporters or 0,
        promised_until=case.promised_until,
        promise_yellow_at=promise_warning(case.opened_at, case.promised_until) if case.promised_until else None,
    )


def draft_of(case: Case, redact: Callable[[str], str] | None = None) -> MessageDraft:
    text = redact(case.description) if redact else case.description
    return MessageDraft(**dict(card_of(case)), description=text, suggestion=case.suggestion)


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
        access.note(viewer.id, ("case", case.id), Looked.NUMBER)
        return Reporter(name=case.reporter_name, phone=case.reporter_phone)
    if case.confidential:
        access.note(viewer.id, ("case", case.id), Looked.CONFIDENTIAL)
    phone = mask(case.reporter_phone) if case.reporter_phone else None
    return Reporter(name=mask_name(case.reporter_name or ""), phone=phone)


def stopped_at(case: Case) -> datetime | None:
    """The unit's clock stands still once it has fed back, until a failed check starts it again, or with the closing."""
    if case.state in FED_BACK and case.fed_back_at is not None:
        return case.fed_back_at
    return case.closed_at


def _area(tree: AreaTree, code: str | None) -> Area | None:
    found = tree.find(code) if code else None
    return Area(code=found.code, name=found.name) if found else None
