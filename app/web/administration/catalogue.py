"""Classes and limits: search, look, and change limits, which makes a new version of the catalogue."""

from dataclasses import dataclass

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.catalogue import queries, service
from app.catalogue.clocks import Clock, Limit
from app.catalogue.entries import ClassEntry, Kind
from app.catalogue.service import LimitChange
from app.web.administration.blueprint import Refusal, attempt, bp, cut, number_from, refuse
from app.web.texts import translate

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class TypedLimit:
    value: str
    unit: str


Form = dict[int, TypedLimit]


@bp.get("/classes")
def list_classes() -> str:
    current = queries.catalogue()
    text, kind = request.args.get("q", ""), request.args.get("kind", "")
    found = current.search(text, limit=len(current)) if text.strip() else list(current)
    shown = [entry for entry in found if not kind or entry.kind == kind]
    return render_template(
        "admin/classes.html", section="classes", page=cut(shown), kinds=list(Kind), versions=queries.versions()[:5]
    )


@bp.get("/classes/<code>")
def show_class(code: str) -> str:
    entry = queries.catalogue().class_of(code)
    return _form(entry, _stored(entry))


@bp.post("/classes/<code>")
def change_limits(code: str) -> Response | tuple[str, int]:
    entry = queries.catalogue().class_of(code)
    form = {
        each.no: TypedLimit(request.form.get(f"value_{each.no}", "").strip(), request.form.get(f"unit_{each.no}", ""))
        for each in entry.conditions
    }
    based_on = number_from(request.form.get("based_on", "")) or 0
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]

    def change() -> str:
        version = service.change_limits(principal(), _changes(code, form), based_on=based_on, note=note)
        return translate("admin.classes.saved", name=entry.name, number=version.number)

    refusal = attempt(change)
    if refusal is None:
        return redirect(f"/admin/classes/{code}", 303)
    return _form(queries.catalogue().class_of(code), form, refusal, note), refusal.status


def _form(entry: ClassEntry, form: Form, refusal: Refusal | None = None, note: str = "") -> str:
    return render_template(
        "admin/class.html",
        section="classes",
        entry=entry,
        form=form,
        note=note,
        number=queries.catalogue().number,
        clocks=list(Clock),
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=_clash(entry, form) if refusal and refusal.is_conflict else [],
    )


def _stored(entry: ClassEntry) -> Form:
    return {each.no: TypedLimit(str(each.limit.value), each.limit.clock.value) for each in entry.conditions}


def _changes(code: str, form: Form) -> list[LimitChange]:
    faults = {}
    for no, limit in form.items():
        if not 1 <= (number_from(limit.value) or 0) <= 365:
            faults[f"value_{no}"] = translate("admin.classes.bad_value")
        if limit.unit not in set(Clock):
            faults[f"unit_{no}"] = translate("admin.choose")
    refuse(faults)
    return [LimitChange(code, no, Limit(int(limit.value), Clock(limit.unit))) for no, limit in form.items()]


def _clash(entry: ClassEntry, form: Form) -> list[tuple[str, str, str]]:
    now = _stored(entry)
    return [
        (translate("admin.classes.condition", n=no), _said(now[no]), _said(form[no]))
        for no in now
        if no in form and now[no] != form[no]
    ]


def _said(limit: TypedLimit) -> str:
    return f"{limit.value} {translate(f'admin.clock.{limit.unit}')}" if limit.unit in set(Clock) else limit.value
