"""What waits for a decision of the command centre: cases without a unit, units' requests, the city's confirmations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.roles import Principal
from app.cases.models import Case, CaseRequest
from app.cases.queries import AT_A_GLANCE
from app.cases.terms import REQUEST_LABELS, RequestKind, RequestState, State
from app.cases.visibility import in_area, is_among, visible
from app.db import session

MOST = 500
_TO_DECIDE = (State.FILED, State.REJECTING, State.CONFIRMING)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """延期, 挂账 or 申诉 as the unit put it; `reviewed`: an appeal that one reviewer has upheld already."""

    id: int
    case_id: int
    kind: str
    label: str
    reason: str
    until: datetime | None
    asked_at: datetime
    reviewed: bool


def to_command(viewer: Principal, limit: int = MOST) -> tuple[Sequence[Case], list[OpenRequest]]:
    """The longest waiting first; people of a district get the district's."""
    pending = select(CaseRequest.case_id).where(CaseRequest.state == RequestState.PENDING)
    waits = or_(Case.state.in_(_TO_DECIDE), is_among(pending))
    query = select(Case).where(visible(viewer), in_area(viewer.area_code), waits)
    newest_last = query.options(*AT_A_GLANCE).order_by(Case.opened_at, Case.id)
    cases = session().scalars(newest_last.limit(limit)).all()
    return cases, open_requests([case.id for case in cases if case.requests_made])


def open_requests(case_ids: Sequence[int]) -> list[OpenRequest]:
    if not case_ids:
        return []
    query = select(CaseRequest).where(CaseRequest.case_id.in_(case_ids), CaseRequest.state == RequestState.PENDING)
    return [_line(each) for each in session().scalars(query.order_by(CaseRequest.asked_at, CaseRequest.id))]


def _line(request: CaseRequest) -> OpenRequest:
    return OpenRequest(
        id=request.id,
        case_id=request.case_id,
        kind=request.kind,
        label=REQUEST_LABELS[RequestKind(request.kind)],
        reason=request.reason,
        until=request.until,
        asked_at=request.asked_at,
        reviewed=request.first_reviewer is not None,
    )
