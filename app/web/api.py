"""The consoles' snapshots over HTTP, and the page that documents the API."""

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify, render_template

from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.cases import folders
from app.cases.schemas import FolderQuery
from app.web import snapshots
from app.web.snapshots import AgentSnapshot, CommandSnapshot, DeskSnapshot, FolderPage, InspectSnapshot, Me

bp = APIBlueprint("consoles", __name__, tag="控制台")


@bp.get("/api/v1/me")
@bp.output(Me)
def who_am_i() -> Me:
    return snapshots.me(principal())


@bp.get("/api/v1/agent/snapshot")
@bp.output(AgentSnapshot)
@needs(Permission.TAKE_CALLS)
def agent_snapshot() -> AgentSnapshot:
    return snapshots.agent_snapshot(principal(), current_app.extensions["settings"])


@bp.get("/api/v1/desk/snapshot")
@bp.output(DeskSnapshot)
@needs(Permission.WORK_UNIT_DESK)
def desk_snapshot() -> DeskSnapshot:
    return snapshots.desk_snapshot(principal())


@bp.get("/api/v1/desk/cases")
@bp.input(FolderQuery, location="query", arg_name="asked")
@bp.output(FolderPage)
@needs(Permission.WORK_UNIT_DESK)
def desk_cases(asked: FolderQuery) -> FolderPage:
    """A folder of the unit's desk: todo, to_accept, handling, returned, suspended, checking, closed."""
    return snapshots.folder_page(folders.unit_desk(principal()), asked)


@bp.get("/api/v1/desk/counts")
@needs(Permission.WORK_UNIT_DESK)
def desk_counts() -> Response:
    return _counts(folders.unit_desk(principal()))


@bp.get("/api/v1/command/snapshot")
@bp.output(CommandSnapshot)
@needs(Permission.COMMAND_CASES)
def command_snapshot() -> CommandSnapshot:
    """What waits for the command centre: cases without a unit, units' requests, the city's confirmations."""
    return snapshots.command_snapshot(principal())


@bp.get("/api/v1/command/cases")
@bp.input(FolderQuery, location="query", arg_name="asked")
@bp.output(FolderPage)
@needs(Permission.COMMAND_CASES)
def command_cases(asked: FolderQuery) -> FolderPage:
    """A folder of the command desk: dispatch, decide, confirm, overdue, suspended, open."""
    return snapshots.folder_page(folders.command(principal()), asked)


@bp.get("/api/v1/command/counts")
@needs(Permission.COMMAND_CASES)
def command_counts() -> Response:
    return _counts(folders.command(principal()))


@bp.get("/api/v1/inspect/snapshot")
@bp.output(InspectSnapshot)
@needs(Permission.CHECK_CASES)
def inspect_snapshot() -> InspectSnapshot:
    return snapshots.inspect_snapshot(principal())


@bp.get("/api/v1/inspect/cases")
@bp.input(FolderQuery, location="query", arg_name="asked")
@bp.output(FolderPage)
@needs(Permission.CHECK_CASES)
def inspect_cases(asked: FolderQuery) -> FolderPage:
    """What waits for an inspector, 核查 and 核实 together: tasks."""
    return snapshots.folder_page(folders.inspection(principal()), asked)


@bp.get("/api/v1/inspect/counts")
@needs(Permission.CHECK_CASES)
def inspect_counts() -> Response:
    return _counts(folders.inspection(principal()))


def _counts(console: folders.Console) -> Response:
    """Folder -> {all, red, yellow, green}."""
    counts = snapshots.shown_counts(folders.counted(console))
    return jsonify({name: each.model_dump() for name, each in counts.items()})


@bp.get("/api/docs")
@bp.doc(hide=True)
def docs() -> Response:
    response = Response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = _DOCS_POLICY
    return response


# Swagger UI sets style attributes and draws with data: images; its scripts are files of ours like all others.
_DOCS_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
