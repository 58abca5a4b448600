"""Taking hold of an incident's row, and telling what was done to it."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.roles import Principal
from app.cases.models import Case
from app.cases.visibility import rooms_at, sees_place
from app.db import session
from app.errors import NotFound, StaleVersion
from app.events.models import Event
from app.events.service import record
from app.incidents.cards import card_of
from app.incidents.models import Incident
from nlp.redact import redact


def hold_cases(case_ids: Sequence[int]) -> dict[int, Case]:
    """Their rows, held in the order of their ids. Always before the incident's own row, or two writers would wait for
    each other: the closing of a case ends its incident with the case in hand."""
    query = select(Case).where(Case.id.in_(case_ids)).order_by(Case.id)
    rows = session().scalars(query.with_for_update().execution_options(populate_existing=True))
    return {case.id: case for case in rows}


def hold(incident_id: int) -> Incident | None:
    query = select(Incident).where(Incident.id == incident_id)
    return session().scalar(query.with_for_update().execution_options(populate_existing=True))


def hold_seen(actor: Principal, incident_id: int, edition: int) -> Incident:
    """The row as the person saw it; what one may not see does not exist."""
    incident = hold(incident_id)
    if incident is None or not sees_place(actor, incident.area_code):
        raise NotFound("没有这个集中事件")
    if incident.edition != edition:
        current = card_of(incident).model_dump(mode="json")
        raise StaleVersion("集中事件已被他人更新，请核对后再提交", version=incident.edition, current=current)
    return incident


def renew(incident: Incident) -> None:
    """Somebody decided something: open forms are out of date, and what callers hear is read anew."""
    incident.edition += 1
    incident.stamp = secrets.token_hex(8)


def tell(kind: str, incident: Incident, actor: Principal, text: str = "") -> Event:
    """One newer version of the row, and a line of history that every console near the place gets."""
    incident.version += 1
    session().flush()
    return record(
        kind,
        subject=("incident", incident.id),
        audience=rooms_at(incident.area_code),
        payload={"incident": card_of(incident).model_dump(mode="json"), "by": actor.name, "text": redact(text)},
        version=incident.version,
        actor_id=actor.id,
    )
