"""Changing one's own password: who knows the present one needs no administrator. Works without scripts."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.models import Account
from app.accounts.sessions import find_principal, principal, sign_in
from app.db import transaction
from app.errors import Forbidden
from app.extensions import limiter
from app.web import snapshots
from app.web.texts import translate
from app.web.views import own_page, wrong_at_address, wrong_for_person

bp = Blueprint("password", __name__)


@dataclass(frozen=True, slots=True)
class Typed:
    present: str
    new: str
    again: str


def _login_signed_in() -> str:
    person = find_principal()
    return queries.account(person.id).login if person and person.id else ""


@bp.get("/password")
def show() -> str:
    return _page(_mine(), own_page(request.args.get("next")))


# Whoever sits down at an open console could guess here instead of at the sign-in: wrong answers are one count.
@bp.post("/password")
@limiter.limit("60/minute")
@wrong_at_address
@wrong_for_person(_login_signed_in)
def change() -> Response | tuple[str, int]:
    account, target = _mine(), own_page(request.form.get("next"))
    if not account.password_hash:
        return _page(account, target), 409
    typed = Typed(*(request.form.get(name, "") for name in ("present", "new", "again")))
    if faults := _faults(typed):
        return _page(account, target, faults), 422
    try:
        with transaction():
            changed = service.change_own_password(principal(), typed.present, typed.new)
    except Forbidden:
        return _page(account, target, {"present": translate("password.wrong")}), 403
    sign_in(changed)  # the change ended every session of this person, this one too
    flash(translate("password.changed"), "good")
    return redirect(target or url_for("password.show"), 303)


def _mine() -> Account:
    return queries.account(principal().id or 0)


def _page(account: Account, target: str, faults: dict[str, str] | None = None) -> str:
    return render_template(
        "password.html",
        account=account,
        next=target,
        back=target or snapshots.home_of(account.as_principal()),
        errors=faults or {},
        shortest=service.SHORTEST_PASSWORD,
        longest=service.LONGEST_PASSWORD,
    )


def _faults(typed: Typed) -> dict[str, str]:
    """What is wrong without a look at the stored password: that look tells whether a guess was right."""
    faults = {}
    if not typed.present:
        faults["present"] = translate("password.missing")
    if len(typed.new) < service.SHORTEST_PASSWORD:
        faults["new"] = translate("admin.people.password.note", n=service.SHORTEST_PASSWORD)
    elif len(typed.new) > service.LONGEST_PASSWORD:
        faults["new"] = translate("password.too_long", n=service.LONGEST_PASSWORD)
    elif typed.new == typed.present:
        faults["new"] = translate("password.same")
    if typed.again != typed.new:
        faults["again"] = translate("password.unequal")
    return faults
