"""Pages: the doors, signing in and out, and the shells of the live consoles."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_limiter import RouteLimit
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import service
from app.accounts.roles import Permission
from app.accounts.sessions import find_principal, needs, principal, sign_in, sign_out
from app.config import DEMO_PIN, Settings
from app.db import transaction
from app.errors import Forbidden, NotFound
from app.extensions import limiter
from app.reports.wall import wall_figures
from app.web import doors, snapshots, texts

bp = Blueprint("web", __name__)
bp.record_once(lambda state: texts.install(cast("Flask", state.app)))

IMPORT_MAP = json.loads((Path(__file__).parent.parent / "static/vendor/importmap.json").read_text(encoding="utf-8"))

_OURS = re.compile(r"/(?!/)[^\x00-\x20\x7f\\]*")


@bp.get("/")
def front() -> AnyResponse | str:
    """In demonstration mode the doors; else the way to one's own work."""
    if _settings().is_demo:
        return render_template(
            "doors.html",
            doors=doors.all_doors(_settings()),
            duty_phones=doors.duty_phones(_settings()),
            pin=DEMO_PIN,
            person=find_principal(),
        )
    person = find_principal()
    return redirect(snapshots.home_of(person) if person else url_for("web.login"))


@bp.post("/demo/<door>")
@limiter.limit("60/minute")
def enter(door: str) -> AnyResponse:
    """One click as a demonstration person; no such thing outside demonstration mode."""
    if not _settings().is_demo:
        raise NotFound("没有这个页面")
    account, page = doors.open_door(door, request.form.get("as", ""))
    sign_in(account)
    return redirect(page)


@bp.get("/login")
def login() -> str:
    return render_template("login.html", error="", login="", next=own_page(request.args.get("next")))


def _login_typed() -> str:
    return request.form.get("login", "").strip()[:40]


def _was_wrong(response: Response) -> bool:
    return response.status_code == 403


# Wrong passwords count, against the address and against the person whoever guesses: a whole centre may sign in at eight
# o'clock from one address. Shared by every page that asks for a password.
wrong_at_address = limiter.shared_limit("10/minute;60/hour", scope="passwords", deduct_when=_was_wrong)


def wrong_for_person(login: Callable[[], str]) -> RouteLimit:
    return limiter.shared_limit(
        "10/15minutes", scope="passwords", key_func=lambda: f"login:{login()}", deduct_when=_was_wrong
    )


# Whoever sends many at once must not pass before the first is counted: hence the first limit.
@bp.post("/login")
@limiter.limit("60/minute")
@wrong_at_address
@wrong_for_person(_login_typed)
def log_in() -> AnyResponse | str | tuple[str, int]:
    name = request.form.get("login", "").strip()
    target = own_page(request.form.get("next"))
    try:
        with transaction():
            account = service.check_password(name, request.form.get("password", ""))
    except Forbidden as error:
        return render_template("login.html", error=error.message, login=name, next=target), 403
    sign_in(account)
    return redirect(target or snapshots.home_of(account.as_principal()))


@bp.post("/logout")
def log_out() -> AnyResponse:
    sign_out()
    return redirect(url_for("web.front"))


@bp.get("/agent")
@needs(Permission.TAKE_CALLS)
def agent() -> Response:
    return _shell("agent", snapshots.agent_snapshot(principal(), _settings()))


@bp.get("/wall")
@needs(Permission.SEE_WALL)
def wall() -> Response:
    return _shell("wall", wall_figures(principal()))


@bp.get("/desk")
@needs(Permission.WORK_UNIT_DESK)
def desk() -> Response:
    return _shell("desk", snapshots.desk_snapshot(principal()))


@bp.get("/command")
@needs(Permission.COMMAND_CASES)
def command() -> Response:
    return _shell("command", snapshots.command_snapshot(principal()))


@bp.get("/inspect")
@needs(Permission.CHECK_CASES)
def inspect() -> Response:
    return _shell("inspect", snapshots.inspect_snapshot(principal()))


@bp.get("/dev/parts")
def parts() -> Response:
    """The gallery of parts; for those who build, so only in demonstration mode."""
    if not _settings().is_demo:
        raise NotFound("没有这个页面")
    return _shell("parts", None)


def _shell(page: str, snapshot: BaseModel | None) -> Response:
    """A live console: its data are in the page, so the first paint needs no request."""
    person = find_principal()
    boot = {
        "page": page,
        "snapshot": snapshot.model_dump(mode="json") if snapshot else None,
        "me": snapshots.me(person).model_dump(mode="json") if person else None,
        "locale": texts.locale(),
        "carrier": snapshots.carrier_facts(person, _settings()).model_dump() if person else None,
        "demo": _settings().is_demo,
        "told": get_flashed_messages(with_categories=True),
        "tiles": _settings().tile_urls,
    }
    return Response(render_template("console.html", page=page, boot=boot, import_map=IMPORT_MAP))


def own_page(target: str | None) -> str:
    """A page of ours to return to; never another site. Browsers drop blanks and tabs, and turn a backslash round."""
    return target if target and _OURS.fullmatch(target) else ""


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
