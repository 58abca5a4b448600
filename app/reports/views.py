"""Figures over HTTP."""

from apiflask import APIBlueprint

from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.reports.schemas import WallFigures
from app.reports.wall import wall_figures

bp = APIBlueprint("reports", __name__, url_prefix="/api/v1", tag="统计")


@bp.get("/wall/snapshot")
@bp.output(WallFigures)
@needs(Permission.SEE_WALL)
def wall_snapshot() -> WallFigures:
    """Everything the wallboard shows; the same arrives by socket as `figures` whenever something changes."""
    return wall_figures(principal())
