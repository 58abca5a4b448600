"""Units: list, add, change name, duty telephone, channel, entry."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.network import queries, service
from app.network.models import Unit
from app.network.service import UnitFields
from app.network.unit_changes import PHONES
from app.network.unit_types import TERRITORIAL, Channel, UnitLevel
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, cut, number_from, refuse, seen_version, typed
from app.web.texts import translate
from telephony.numbers import mask

LONGEST = {"code": 20, "name": 80, "unit_type": 40, "contact": 40, "head_name": 40, "leader_name": 40}
PEOPLE = ("head_name", "leader_name", "short_code")
Form = dict[str, object]


@bp.get("/units")
def list_units() -> str:
    rows = queries.units(
        text=request.args.get("q", ""),
        area_code=request.args.get("area", ""),
        unit_type=request.args.get("type", ""),
        active_only="all" not in request.args,
        limit=5000,
    )
    return render_template(
        "admin/units.html",
        section="units",
        page=cut(rows),
        tree=queries.areas(),
        areas=choices.area_groups(everywhere=""),
        types=choices.unit_types(),
        mask=mask,
    )


@bp.get("/units/new")
def new_unit() -> str:
    form = dict.fromkeys(("code", "name", "unit_type", "parent_id", "contact", *PEOPLE, *PHONES), "")
    return _form({**form, "level": "district", "area_code": "", "channel": "web", "is_active": True}, None)


@bp.post("/units/new")
def add_unit() -> Response | tuple[str, int]:
    form = _typed()

    def add() -> str:
        refuse(_faults(form))
        unit = service.add_unit(principal(), _fields(form, None))
        return translate("admin.units.added", name=unit.name)

    refusal = attempt(add)
    return redirect("/admin/units", 303) if refusal is None else (_form(form, None, refusal), refusal.status)


@bp.get("/units/<int:unit_id>")
def show_unit(unit_id: int) -> str:
    unit = queries.unit(unit_id)
    return _form(_stored(unit), unit)


@bp.post("/units/<int:unit_id>")
def change_unit(unit_id: int) -> Response | tuple[str, int]:
    form, version = _typed(), seen_version()

    def change() -> str:
        refuse(_faults(form))
        unit = queries.unit(unit_id)
        service.change_unit(principal(), unit_id, version, _fields(form, unit))
        return translate("admin.saved", name=form["name"])

    refusal = attempt(change)
    if refusal is None:
        return redirect(f"/admin/units/{unit_id}", 303)
    return _form(form, queries.unit(unit_id), refusal), refusal.status


def _form(form: Form, unit: Unit | None, refusal: Refusal | None = None) -> str:
    leading = [each for each in queries.units() if each.unit_type in TERRITORIAL[1:]]
    return render_template(
        "admin/unit.html",
        section="units",
        form=form,
        unit=unit,
        phones={name: mask(getattr(unit, name)) for name in PHONES if unit and getattr(unit, name)},
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=_clash(form, unit) if refusal and refusal.is_conflict and unit else [],
        areas=choices.area_groups(chosen=str(form["area_code"])),
        types=choices.unit_types(),
        levels=list(UnitLevel),
        channels=list(Channel),
        parents=choices.unit_groups(leading, chosen=str(form["parent_id"])),
    )


def _typed() -> Form:
    plain = ("code", "name", "unit_type", "level", "area_code", "parent_id", "contact", "channel", *PEOPLE, *PHONES)
    flags = ("is_active", *(f"forget_{name}" for name in PHONES))
    # A PIN goes back to no page, not even to the one on which it was typed.
    return {**typed(*plain, "pin"), **{name: name in request.form for name in flags}}


def _stored(unit: Unit) -> Form:
    """Telephones are not among it: they are shown masked and typed anew to be changed. Of the PIN nothing is known."""
    return {
        **dict.fromkeys(PHONES, ""),
        "code": unit.code,
        "name": unit.name,
        "unit_type": unit.unit_type,
        "level": unit.level,
        "area_code": unit.area_code,
        "parent_id": str(unit.parent_id or ""),
        "contact": unit.contact,
        "channel": unit.channel,
        "head_name": unit.head_name,
        "leader_name": unit.leader_name,
        "short_code": unit.short_code or "",
        "is_active": unit.is_active,
    }


def _phone(unit: Unit | None, form: Form, name: str) -> str:
    if form[f"forget_{name}"]:
        return ""
    return str(form[name]) or (getattr(unit, name) if unit else "") or ""


def _fields(form: Form, unit: Unit | None) -> UnitFields:
    return UnitFields(
        code=str(form["code"]),
        name=str(form["name"]),
        unit_type=str(form["unit_type"]),
        level=UnitLevel(str(form["level"])),
        area_code=str(form["area_code"]),
        parent_id=number_from(str(form["parent_id"])),
        contact=str(form["contact"]),
        channel=Channel(str(form["channel"])),
        is_active=bool(form["is_active"]),
        pin=str(form["pin"]),
        **{name: str(form[name]) for name in PEOPLE},
        **{name: _phone(unit, form, name) for name in PHONES},
    )


def _faults(form: Form) -> dict[str, str]:
    faults = {
        name: translate("admin.too_long", n=most) for name, most in LONGEST.items() if len(str(form[name])) > most
    }
    if form["level"] not in set(UnitLevel):
        faults["level"] = translate("admin.choose")
    if form["channel"] not in set(Channel):
        faults["channel"] = translate("admin.choose")
    return faults


def _clash(form: Form, unit: Unit) -> list[tuple[str, str, str]]:
    now = _stored(unit)
    return [
        (translate(f"admin.units.{name}"), _said(name, now[name]), _said(name, form[name]))
        for name in now
        if name not in PHONES and now[name] != form[name]
    ]


def _said(name: str, value: object) -> str:
    if name == "is_active":
        return translate("admin.active" if value else "admin.inactive")
    if name in ("channel", "level"):
        return translate(f"admin.units.{name}.{value}")
    return str(value)
