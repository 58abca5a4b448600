"""The citizen's page behind the link in the SMS: token and the last four digits of the telephone that reported."""

import hmac
import re
import time
from datetime import timedelta

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, send_file
from flask import session as cookie
from flask_limiter import RequestLimit
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.accounts.roles import CITIZEN
from app.cases import photos, queries, service
from app.cases.models import Case
from app.cases.schemas import ActionFacts
from app.cases.terms import Action
from app.config import Settings
from app.db import session, transaction
from app.errors import Conflict, DomainError, Invalid, NotFound
from app.events.models import Event
from app.extensions import limiter
from app.messages import thread
from app.web.citizen_page import page_of, shown_photos
from app.web.texts import translate

bp = Blueprint("citizen", __name__)

LINK_DAYS = 30
UNLOCKED_SECONDS = 2 * 3600
REMEMBERED = 5
URGE_EVERY = timedelta(hours=1)
LONGEST_COMMENT = 500


@bp.after_request
def keep_out_of_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _token() -> str:
    return f"citizen-link:{(request.view_args or {}).get('token', '')}"


def _was_wrong(response: Response) -> bool:
    return response.status_code == 403


def _locked_out(_limit: RequestLimit) -> Response:
    return make_response(_ask(translate("citizen.locked"), locked=True), 429)


@bp.get("/c/<token>")
@limiter.limit("120/minute")
def show(token: str) -> str:
    case = _case(token)
    if not _is_unlocked(case):
        return _ask()
    page = page_of(case, current_app.extensions["classifier"].redact)
    return render_template("citizen.html", page=page, token=token, hotline=_settings().hotline_number)


@bp.post("/c/<token>")
@limiter.limit("30/minute")
@limiter.limit("5/15minutes;20/day", key_func=_token, deduct_when=_was_wrong, on_breach=_locked_out)
def unlock(token: str) -> AnyResponse | tuple[str, int]:
    """Wrong answers count against the link, whoever sends them; its right answer must wait, too."""
    case = _case(token)
    if not _digits_match(case, request.form.get("digits", "")):
        return _ask(translate("citizen.wrong")), 403
    _remember(case)
    return redirect(f"/c/{token}", 303)


@bp.post("/c/<token>/rating")
@limiter.limit("30/minute")
def rate(token: str) -> AnyResponse:
    case = _unlocked(token)
    given = request.form.get("rating", "")
    comment = request.form.get("comment", "").strip()[:LONGEST_COMMENT]
    try:
        with transaction():
            service.rate(service.locked(CITIZEN, case.id), int(given) if re.fullmatch("[1-5]", given) else 0, comment)
        flash(translate("citizen.thanks"), "good")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(f"/c/{token}", 303)


@bp.post("/c/<token>/urge")
@limiter.limit("30/minute")
def urge(token: str) -> AnyResponse:
    case = _unlocked(token)
    try:
        with transaction():
            fresh = service.locked(CITIZEN, case.id)
            _not_too_often(fresh)
            service.urge(CITIZEN, fresh)
        flash(translate("citizen.urge.done"), "good")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(f"/c/{token}", 303)


@bp.post("/c/<token>/reopen")
@limiter.limit("10/minute")
def reopen(token: str) -> AnyResponse:
    """The citizen says it is not solved: the case goes back to its unit while the window is open."""
    case = _unlocked(token)
    reason = request.form.get("reason", "").strip()[:LONGEST_COMMENT]
    try:
        with transaction():
            service.act(CITIZEN, case.id, Action.REOPEN, facts=ActionFacts(reason=reason))
        flash(translate("citizen.reopen.done"), "good")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(f"/c/{token}", 303)


@bp.post("/c/<token>/message")
@limiter.limit("10/minute")
@limiter.limit("30/day", key_func=_token)
def write(token: str) -> AnyResponse:
    """The citizen's own words reach whoever works on the case at the centre."""
    case = _unlocked(token)
    text = request.form.get("text", "").replace("\0", "").strip()
    try:
        with transaction():
            thread.hear_on_page(case.id, text)
        flash(translate("citizen.thread.sent"), "good")
    except Invalid:
        flash(translate("citizen.thread.empty"), "bad")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(f"/c/{token}#thread", 303)


@bp.get("/c/<token>/photos/<int:photo_id>")
def photo(token: str, photo_id: int) -> Response:
    case = _unlocked(token)
    found = next((each for each in shown_photos(case) if each.id == photo_id), None)
    if found is None:
        raise NotFound("没有这张照片")
    return send_file(photos.path_of(found, _settings().upload_dir.resolve()), mimetype=found.content_type)


def _case(token: str) -> Case:
    """One wording for a link that never was and one that is over."""
    case = queries.case_by_token(token)
    if case is None or (case.closed_at and clock.now() > case.closed_at + timedelta(days=LINK_DAYS)):
        raise NotFound(translate("citizen.gone"))
    return case


def _unlocked(token: str) -> Case:
    case = _case(token)
    if not _is_unlocked(case):
        raise NotFound(translate("citizen.gone"))
    return case


def _ask(error: str = "", *, locked: bool = False) -> str:
    return render_template("citizen_lock.html", error=error, locked=locked, hotline=_settings().hotline_number)


def _digits_match(case: Case, given: str) -> bool:
    known = (case.reporter_phone or "")[-4:]
    typed = given.strip()
    return bool(re.fullmatch(r"[0-9]{4}", typed)) and len(known) == 4 and hmac.compare_digest(typed, known)


def _is_unlocked(case: Case) -> bool:
    since: int = cookie.get("citizen", {}).get(str(case.id), 0)
    return time.time() - since < UNLOCKED_SECONDS


def _remember(case: Case) -> None:
    known = cookie.get("citizen", {}) | {str(case.id): int(time.time())}
    cookie["citizen"] = dict(sorted(known.items(), key=lambda entry: -entry[1])[:REMEMBERED])


def _not_too_often(case: Case) -> None:
    lately = select(Event.id).where(
        Event.subject_type == "case",
        Event.subject_id == case.id,
        Event.kind == "case.urged",
        Event.at > clock.now() - URGE_EVERY,
    )
    if session().scalar(lately.limit(1)) is not None:
        raise Conflict(translate("citizen.urge.wait"))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
