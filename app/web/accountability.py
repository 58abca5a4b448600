"""责任倒查 of one case: a page for the screen and for paper, and the same as PDF."""

from apiflask import APIBlueprint
from flask import Response, render_template

from app import clock
from app.accounts.sessions import principal
from app.cases import queries
from app.cases.models import Case
from app.cases.terms import LABELS, State
from app.errors import NotFound
from app.events.access import write_down
from app.supervision.accountability import CaseAccount, account_of
from app.web.accountability_pdf import draw, unanswered
from app.web.moments import lasted, local, percent
from app.web.texts import translate

bp = APIBlueprint("accountability", __name__, enable_openapi=False)
bp.after_app_request(write_down)


@bp.get("/cases/<number>/accountability")
def show(number: str) -> str:
    told = _account(number)
    return render_template(
        "accountability.html",
        told=told,
        state=LABELS[State(told.case.state)],
        whoami=principal,
        local=local,
        lasted=lasted,
        percent=percent,
        unanswered=unanswered,
    )


@bp.get("/cases/<number>/accountability.pdf")
def download(number: str) -> Response:
    told = _account(number)
    answer = Response(draw(told, translate), mimetype="application/pdf")
    day = clock.local(told.made_at)
    answer.headers["Content-Disposition"] = f'attachment; filename="{told.case.number}-{day:%Y%m%d%H%M}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _account(number: str) -> CaseAccount:
    """Who may see the case may see who had it; what of it, the account itself decides by role."""
    viewer = principal()
    case = queries.case_numbered(number)
    if case is None:
        raise NotFound("没有这个案件")
    return account_of(viewer, _seen(case))


def _seen(case: Case) -> Case:
    return queries.find_case(principal(), case.id)
