"""One SMS to everybody attached, once the matter is fixed: bite by bite, each bite one transaction.

A crash leaves whole bites only, and the sweep goes on where it stopped. Who was told is marked on the row, and a
message is unique by recipient and the line of history that says the incident is over.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock
from app.cases.models import Case, CaseReporter
from app.cases.reporters import take_untold_of_incident
from app.cases.terms import State as CaseState
from app.db import session
from app.events.service import record
from app.incidents import texts
from app.incidents.history import hold
from app.incidents.models import Incident, State

BITE = 200


def waiting() -> list[int]:
    """Incidents whose people have not all been told."""
    query = select(Incident.id).where(
        Incident.state == State.ENDED,
        Incident.is_fixed,
        Incident.told_at.is_(None),
        Incident.ended_event_id.is_not(None),
    )
    return list(session().scalars(query.order_by(Incident.id)))


def tell_some(incident_id: int) -> bool:
    """A bite; False when nobody is left. Only ids go into the event: telephones stay in their rows."""
    incident = session().get(Incident, incident_id)
    if incident is None or incident.told_at is not None:
        return False
    people = take_untold_of_incident(incident_id, BITE)
    if not people:
        return _finish(incident_id)
    record(
        "incident.told",
        subject=("incident", incident.id),
        audience=(),
        payload={
            "event_id": incident.ended_event_id,
            "case_id": incident.main_case_id,
            "reporter_ids": [row.id for row in _to_tell(people)],
            "text": texts.fixed(incident.title),
        },
    )
    return True


def _to_tell(people: Sequence[CaseReporter]) -> list[CaseReporter]:
    """Whose own case is closed has been told so by that case."""
    own = [row.own_case_id for row in people if row.own_case_id is not None]
    query = select(Case.id).where(Case.id.in_(own), Case.state == CaseState.CLOSED)
    closed = set(session().scalars(query)) if own else set()
    return [row for row in people if row.own_case_id not in closed and row.phone and row.sms_consent]


def _finish(incident_id: int) -> bool:
    """Under the row's lock: another worker may still hold a bite, whose rows are marked only by its commit."""
    incident = hold(incident_id)
    left = select(CaseReporter.id).where(CaseReporter.incident_id == incident_id, CaseReporter.told_at.is_(None))
    if incident is not None and session().scalar(left.limit(1)) is None:
        incident.told_at = clock.now()
    return False
