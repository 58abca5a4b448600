"""People: list, add, change roles, area, unit, entry and password."""

import re
from typing import TypedDict

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.models import Account
from app.accounts.roles import STAFF, Role
from app.accounts.sessions import principal, sign_in
from app.network import queries as network
from app.web.administration import choices
from app.web.administration.blueprint import (
    PAGE_ROWS,
    Page,
    Refusal,
    attempt,
    bp,
    number_from,
    page_number,
    refuse,
    seen_version,
    typed,
)
from app.web.texts import translate

ROLES = [role for role in Role if role in STAFF]
LOGIN = re.compile(r"[A-Za-z0-9._-]{3,40}")
WORK_NO = re.compile(r"[A-Za-z0-9-]{1,12}")
LONGEST_NAME = 40
Form = dict[str, object]


@bp.get("/people")
def list_people() -> str:
    text, role = request.args.get("q", "").strip(), request.args.get("role", "")
    total = queries.count_people(text, role)
    number, pages = page_number(total)
    rows = queries.people(text, role, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS)
    units = {unit.id: unit.name for unit in network.units(active_only=False)}
    return render_template(
        "admin/people.html",
        section="people",
        page=Page(rows, number, pages, total),
        units=units,
        areas=network.areas(),
        roles=ROLES,
    )


@bp.get("/people/new")
def new_person() -> str:
    form = {"login": "", "name": "", "work_no": "", "roles": [], "area_code": "3302", "unit_id": "", "is_active": True}
    return _form(form, None)


@bp.post("/people/new")
def add_person() -> Response | tuple[str, int]:
    form = _typed()

    def add() -> str:
        faults = _faults(form)
        if not LOGIN.fullmatch(str(form["login"])):
            faults["login"] = translate("admin.people.bad_login")
        if not WORK_NO.fullmatch(str(form["work_no"])):
            faults["work_no"] = translate("admin.people.bad_work_no")
        if len(_password()) < service.SHORTEST_PASSWORD:
            faults["password"] = translate("admin.people.password.note", n=service.SHORTEST_PASSWORD)
        refuse(faults)
        account = service.add_account(
            principal(), login=str(form["login"]), work_no=str(form["work_no"]), password=_password(), **_rights(form)
        )
        return translate("admin.people.added", name=account.name)

    refusal = attempt(add)
    return redirect("/admin/people", 303) if refusal is None else (_form(form, None, refusal), refusal.status)


@bp.get("/people/<int:account_id>")
def show_person(account_id: int) -> str:
    account = queries.account(account_id)
    return _form(_stored(account), account)


@bp.post("/people/<int:account_id>")
def change_person(account_id: int) -> Response | tuple[str, int]:
    form, version, is_active = _typed(), seen_version(), "is_active" in request.form

    def change() -> str:
        refuse(_faults(form))
        account = service.change_account(
            principal(), account_id, version=version, is_active=is_active, password=_password(), **_rights(form)
        )
        return translate("admin.saved", name=account.name)

    refusal = attempt(change)
    if refusal is not None:
        return _form(form, queries.account(account_id), refusal), refusal.status
    if account_id == principal().id:
        sign_in(queries.account(account_id))  # the change ended every session of this person, this one too
    return redirect(f"/admin/people/{account_id}", 303)


def _form(form: Form, account: Account | None, refusal: Refusal | None = None) -> str:
    clash = _clash(form, account) if refusal and refusal.is_conflict and account else []
    return render_template(
        "admin/person.html",
        section="people",
        form=form,
        account=account,
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=clash,
        roles=ROLES,
        areas=choices.area_groups(chosen=str(form["area_code"])),
        units=choices.unit_groups(chosen=str(form["unit_id"])),
        shortest=service.SHORTEST_PASSWORD,
    )


def _typed() -> Form:
    return {
        **typed("login", "name", "work_no", "area_code", "unit_id"),
        "roles": [role for role in request.form.getlist("roles") if role in STAFF],
        "is_active": "is_active" in request.form,
    }


def _stored(account: Account) -> Form:
    return {
        "login": account.login,
        "name": account.name,
        "work_no": account.work_no,
        "roles": account.roles,
        "area_code": account.area_code,
        "unit_id": str(account.unit_id or ""),
        "is_active": account.is_active,
    }


class _Rights(TypedDict):
    name: str
    roles: list[str]
    area_code: str
    unit_id: int | None


def _rights(form: Form) -> _Rights:
    return {
        "name": str(form["name"]),
        "roles": list(form["roles"]),  # type: ignore[call-overload]
        "area_code": str(form["area_code"]),
        "unit_id": number_from(str(form["unit_id"])),
    }


def _password() -> str:
    return request.form.get("password", "")[: service.LONGEST_PASSWORD]


def _faults(form: Form) -> dict[str, str]:
    faults = {}
    if not 1 <= len(str(form["name"])) <= LONGEST_NAME:
        faults["name"] = translate("admin.people.bad_name")
    if not form["roles"]:
        faults["roles"] = translate("admin.people.bad_roles")
    if network.areas().find(str(form["area_code"])) is None:
        faults["area_code"] = translate("admin.bad_area")
    unit = str(form["unit_id"])
    if unit and unit not in {str(each.id) for each in network.units()}:
        faults["unit_id"] = translate("admin.bad_unit")
    return faults


def _clash(form: Form, account: Account) -> list[tuple[str, str, str]]:
    """(label, as it is now, as typed) for each field that differs."""
    now = _stored(account)
    return [
        (translate(f"admin.people.{name}"), _said(name, now[name]), _said(name, form[name]))
        for name in ("name", "roles", "area_code", "unit_id", "is_active")
        if now[name] != form[name]
    ]


def _said(name: str, value: object) -> str:
    if name == "roles" and isinstance(value, list):
        return "、".join(translate(f"admin.role.{role}") for role in value)
    if name == "is_active":
        return translate("admin.active" if value else "admin.inactive")
    if name == "unit_id" and value:
        return network.unit(int(str(value))).name
    if name == "area_code":
        return network.areas().text(str(value)) or translate("admin.whole_city")
    return str(value)
