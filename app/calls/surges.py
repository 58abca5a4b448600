"""Callers who have told their matter and are no case yet: a surge shows in the queue before an agent has filed it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from app.calls.models import Call
from app.db import session
from app.incidents.detection import class_of, place_of, reports_from
from app.incidents.rules import Report
from app.incidents.schemas import ReportLine
from telephony.numbers import mask

MOST_READ = 2000


@reports_from
def heard_since(since: datetime) -> Iterator[Report]:
    columns = (Call.id, Call.started_at, Call.suggestion, Call.caller_hash)
    wanted = select(*columns).where(Call.started_at >= since, Call.suggestion.is_not(None), Call.case_id.is_(None))
    for row in session().execute(wanted.order_by(Call.started_at.desc()).limit(MOST_READ)):
        code = class_of(row.suggestion)
        if code is not None:
            district, street, community = place_of(row.suggestion)
            yield Report(row.started_at, code, district, street, community, row.caller_hash, call_id=row.id)


def call_lines(call_ids: Sequence[int]) -> list[ReportLine]:
    """For the list of what makes an incident up; never whole numbers, never words: those stay with the call."""
    if not call_ids:
        return []
    calls = session().scalars(select(Call).where(Call.id.in_(call_ids)).order_by(Call.id)).all()
    return [
        ReportLine(
            at=call.started_at,
            source="来电",
            text=mask(call.caller_number) if call.caller_number else "",
            call_id=call.id,
            case=None,
            attached=call.case_id is not None,
        )
        for call in calls
    ]
