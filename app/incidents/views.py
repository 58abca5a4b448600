"""Incidents over HTTP. If-Match names the `edition` the person saw."""

from collections.abc import Callable

from apiflask import APIBlueprint
from flask import current_app
from pydantic import BaseModel, Field

from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.cases import queries as cases
from app.cases import reporters
from app.cases.views import expected_version
from app.cases.visibility import can_see_reporter
from app.errors import Forbidden
from app.incidents import queries, service
from app.incidents.cards import card_of, cards_of, detail_of, reporter_line
from app.incidents.models import Incident, State
from app.incidents.schemas import (
    CasesToAttach,
    Change,
    Confirmation,
    Dismissal,
    Ending,
    IncidentCard,
    IncidentDetail,
    IncidentList,
    Joined,
    Reporters,
    ReportLine,
    Target,
)
from app.retries import in_transaction

bp = APIBlueprint("incidents", __name__, url_prefix="/api/v1", tag="集中事件")

Tagged = tuple[IncidentCard, int, dict[str, str]]
# The callers of an incident who are no case yet; calls lie above this package.
CallLines = Callable[[list[int]], list[ReportLine]]


class IncidentQuery(BaseModel):
    state: str | None = Field(default="active", pattern=f"^(active|{'|'.join(State)})$")
    limit: int = Field(default=50, ge=1, le=200)


@bp.get("/incidents")
@bp.input(IncidentQuery, location="query", arg_name="asked")
@bp.output(IncidentList)
@needs(Permission.SEE_WALL)
def list_incidents(asked: IncidentQuery) -> IncidentList:
    return IncidentList(items=cards_of(queries.page(principal(), asked.state, asked.limit)))


@bp.get("/incidents/<int:incident_id>")
@bp.output(IncidentDetail)
@needs(Permission.SEE_WALL)
def show_incident(incident_id: int) -> tuple[IncidentDetail, int, dict[str, str]]:
    """With the calls and messages that make it up."""
    viewer = principal()
    incident = queries.find_incident(viewer, incident_id)
    call_lines: CallLines = current_app.extensions["call_lines"]
    return detail_of(incident, viewer, call_lines(incident.call_ids)), 200, {"ETag": f'"{incident.edition}"'}


@bp.post("/incidents/<int:incident_id>/confirm")
@bp.input(Confirmation, arg_name="wanted")
@bp.output(IncidentCard)
@needs(Permission.COMMAND_CASES)
def confirm_incident(incident_id: int, wanted: Confirmation) -> Tagged:
    """Announced from the next call on."""
    actor, edition = principal(), expected_version()
    return _change(lambda: service.confirm(actor, incident_id, wanted, edition))


@bp.post("/incidents/<int:incident_id>/dismiss")
@bp.input(Dismissal, arg_name="wanted")
@bp.output(IncidentCard)
@needs(Permission.COMMAND_CASES)
def dismiss_incident(incident_id: int, wanted: Dismissal) -> Tagged:
    actor, edition = principal(), expected_version()
    return _change(lambda: service.dismiss(actor, incident_id, wanted.reason, edition))


@bp.patch("/incidents/<int:incident_id>")
@bp.input(Change, arg_name="wanted")
@bp.output(IncidentCard)
@needs(Permission.COMMAND_CASES)
def change_incident(incident_id: int, wanted: Change) -> Tagged:
    actor, edition = principal(), expected_version()
    return _change(lambda: service.change(actor, incident_id, wanted, edition))


@bp.post("/incidents/<int:incident_id>/cases")
@bp.input(CasesToAttach, arg_name="wanted")
@bp.output(IncidentCard)
@needs(Permission.COMMAND_CASES)
def attach_cases(incident_id: int, wanted: CasesToAttach) -> Tagged:
    """Cases that were filed beside it."""
    actor, edition = principal(), expected_version()
    return _change(lambda: service.attach_cases(actor, incident_id, wanted.case_ids, edition))


@bp.post("/incidents/<int:incident_id>/end")
@bp.input(Ending, arg_name="wanted")
@bp.output(IncidentCard)
@needs(Permission.COMMAND_CASES)
def end_incident(incident_id: int, wanted: Ending) -> Tagged:
    """`fixed`: one message goes to everybody attached."""
    actor, edition = principal(), expected_version()
    return _change(lambda: service.end(actor, incident_id, wanted.reason, edition, is_fixed=wanted.fixed))


@bp.post("/cases/<int:draft_id>/join")
@bp.input(Target, arg_name="wanted")
@bp.output(Joined)
@needs(Permission.CREATE_CASES)
def join_draft(draft_id: int, wanted: Target) -> Joined:
    """A text message about a known case: its sender is attached to that case. If-Match names the draft's version."""
    actor, version = principal(), expected_version()
    return in_transaction(lambda: service.join_draft(actor, draft_id, wanted.case_id, version))


@bp.get("/cases/<int:case_id>/reporters")
@bp.output(Reporters)
@needs(Permission.SEE_REPORTERS)
def list_reporters(case_id: int) -> Reporters:
    """Who else reported it; never for units."""
    viewer = principal()
    case = cases.find_case(viewer, case_id)
    if not can_see_reporter(viewer, case):
        raise Forbidden("您不能查看这个案件的反映人")
    return Reporters(items=[reporter_line(row, viewer) for row in reporters.of_case(case.id)])


def _change(change: Callable[[], Incident]) -> Tagged:
    """Begun again after a collision: the next caller may be writing at the same incident."""
    card = in_transaction(lambda: card_of(change()))
    return card, 200, {"ETag": f'"{card.edition}"'}
