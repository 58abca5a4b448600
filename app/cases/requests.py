"""What units ask for and nobody has decided yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.cases.models import CaseRequest
from app.cases.terms import REQUEST_LABELS, RequestKind, RequestState
from app.db import session


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
