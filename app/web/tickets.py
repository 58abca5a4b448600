"""The page behind the link in a unit's SMS: what the case is, and a place to send photographs in. No signing in."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.cases import photos
from app.cases.queries import find_case
from app.cases.terms import LABELS, State
from app.config import Settings
from app.db import transaction
from app.errors import DomainError, Invalid
from app.extensions import limiter
from app.messages import tickets
from app.web.texts import translate

bp = Blueprint("tickets", __name__)
MOST_AT_ONCE = 9


@bp.after_request
def keep_out_of_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/t/<token>")
@limiter.limit("60/minute")
def show(token: str) -> str:
    ticket = tickets.ticket_by_token(token)
    case = find_case(tickets.hand_of(ticket), ticket.case_id)
    sent = [each for each in case.attachments if each.purpose == "result" and each.round == case.round]
    return render_template(
        "ticket.html",
        ticket=ticket,
        case=case,
        state=LABELS[State(case.state)],
        sent=len(sent),
        takes=case.state == State.HANDLING and case.unit_id == ticket.unit_id,
    )


@bp.post("/t/<token>")
@limiter.limit("30/minute")
def send(token: str) -> AnyResponse:
    """Photographs of what was done, as the unit's own hand."""
    ticket = tickets.ticket_by_token(token)
    files = [each for each in request.files.getlist("photos") if each.filename][:MOST_AT_ONCE]
    folder = _settings().upload_dir
    try:
        if not files:
            raise Invalid(translate("ticket.none"))
        with transaction():
            for each in files:
                photos.attach(tickets.hand_of(ticket), ticket.case_id, each.read(), "result", folder)
        flash(translate("ticket.taken", n=len(files)), "good")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(f"/t/{token}", 303)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
