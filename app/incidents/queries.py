"""Reading incidents. Every list goes through what a person may see of a place."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, String, cast, literal, or_, select, true

from app import stamps
from app.accounts.roles import Principal
from app.cases.visibility import places_of, sees_place
from app.db import BigId, session
from app.errors import NotFound
from app.incidents.known import Known
from app.incidents.models import ACTIVE, Incident, State

_NEWS = "incident"
# A row for each confirmed incident: what callers hear changes with any of them, and costs no statement of its own.
stamps.register(
    _NEWS,
    select(
        cast(literal(_NEWS), String).label("kind"),
        cast(Incident.id, String).label("name"),
        cast(Incident.id, BigId).label("row_id"),
        Incident.stamp.label("stamp"),
    ).where(Incident.state == State.CONFIRMED),
)


def find_incident(viewer: Principal, incident_id: int) -> Incident:
    incident = session().get(Incident, incident_id)
    if incident is None or not sees_place(viewer, incident.area_code):
        raise NotFound("没有这个集中事件")
    return incident


def active(viewer: Principal) -> Sequence[Incident]:
    """Proposed and confirmed, the newest first."""
    query = select(Incident).where(Incident.state.in_(ACTIVE), visible(viewer))
    return session().scalars(query.order_by(Incident.opened_at.desc(), Incident.id.desc())).all()


def confirmed(viewer: Principal) -> Sequence[Incident]:
    return [each for each in active(viewer) if each.state == State.CONFIRMED]


def page(viewer: Principal, state: str | None, limit: int) -> Sequence[Incident]:
    query = select(Incident).where(visible(viewer))
    if state == "active":
        query = query.where(Incident.state.in_(ACTIVE))
    elif state:
        query = query.where(Incident.state == state)
    return session().scalars(query.order_by(Incident.id.desc()).limit(limit)).all()


def visible(viewer: Principal) -> ColumnElement[bool]:
    """A condition on `Incident`; `sees_place` for a row already loaded."""
    codes = places_of(viewer)
    if codes is None:
        return true()
    return or_(*(Incident.area_code.startswith(code) for code in codes)) if codes else Incident.id.is_(None)


def known() -> tuple[Known, ...]:
    """The confirmed incidents as this process keeps them, the newest first."""
    current = stamps.current(_NEWS)
    return _load(tuple(sorted((row_id, stamp) for row_id, stamp in current.values())))


@lru_cache(maxsize=8)
def _load(stamped: tuple[tuple[int, str], ...]) -> tuple[Known, ...]:
    if not stamped:
        return ()
    ids = [row_id for row_id, _ in stamped]
    rows = session().scalars(select(Incident).where(Incident.id.in_(ids)).order_by(Incident.decided_at.desc()))
    return tuple(Known.of(row) for row in rows)
