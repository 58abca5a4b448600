"""Routing rules: list, add, change, switch off, and try which one decides."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.accounts.sessions import principal
from app.cases.schemas import CaseFields
from app.cases.service import find_route
from app.catalogue.queries import catalogue
from app.errors import DomainError
from app.network import queries, service
from app.network.models import RoutingRule
from app.network.routing import ANYTHING, Route, SubjectKind
from app.network.service import RuleFields
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, cut, number_from, refuse, seen_version, typed
from app.web.texts import translate

LONGEST_NOTE = 200
Form = dict[str, object]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the form "try it" found: a route, or why there is none."""

    route: Route | None
    limit: str
    error: str


@bp.get("/rules")
def list_rules() -> str:
    rows = queries.rules(text=request.args.get("q", ""), active_only="all" not in request.args)
    return render_template(
        "admin/rules.html",
        section="rules",
        page=cut(rows),
        class_names={entry.code: entry.name for entry in catalogue()},
        major_names={entry.major: entry.major_name for entry in catalogue()},
        today=clock.local(clock.now()).date(),
        classes=list(catalogue()),
        places=choices.place_groups(),
        trial=_try(request.args.get("class", "").strip(), request.args.get("place", "")),
    )


@bp.get("/rules/new")
def new_rule() -> str:
    form = dict.fromkeys(("position", "area_code", "subject", "unit_id", "valid_from", "valid_to", "note"), "")
    return _form({**form, "subject_kind": "class", "is_active": True}, None)


@bp.post("/rules/new")
def add_rule() -> Response | tuple[str, int]:
    form = _typed()

    def add() -> str:
        rule = service.add_rule(principal(), _fields(form))
        return translate("admin.rules.added", position=rule.position)

    refusal = attempt(add)
    return redirect("/admin/rules", 303) if refusal is None else (_form(form, None, refusal), refusal.status)


@bp.get("/rules/<int:rule_id>")
def show_rule(rule_id: int) -> str:
    rule = queries.rule(rule_id)
    return _form(_stored(rule), rule)


@bp.post("/rules/<int:rule_id>")
def change_rule(rule_id: int) -> Response | tuple[str, int]:
    form, version = _typed(), seen_version()

    def change() -> str:
        rule = service.change_rule(principal(), rule_id, version, _fields(form))
        return translate("admin.rules.saved", position=rule.position)

    refusal = attempt(change)
    if refusal is None:
        return redirect(f"/admin/rules/{rule_id}", 303)
    return _form(form, queries.rule(rule_id), refusal), refusal.status


@bp.post("/rules/<int:rule_id>/switch")
def switch_rule(rule_id: int) -> Response:
    is_active, version = request.form.get("to") == "on", seen_version()

    def switch() -> str:
        service.switch_rule(principal(), rule_id, version, is_active=is_active)
        return translate("admin.rules.on" if is_active else "admin.rules.off")

    if refusal := attempt(switch):
        flash(refusal.message, "bad")
    return redirect(f"/admin/rules/{rule_id}", 303)


def _try(class_code: str, place: str) -> Trial | None:
    if not class_code or not place:
        return None
    try:
        entry = catalogue().class_of(class_code.split(" ")[0])
        asked = CaseFields(
            class_code=entry.code,
            condition_no=entry.conditions[0].no,
            description="试算",
            address="试算",
            district=place[:6],
            street=place if len(place) == 9 else None,
        )
        found, limit = find_route(asked, clock.local(clock.now()).date())
        return Trial(found, limit.text, "")
    except DomainError as error:
        return Trial(None, "", error.message)
    except ValueError:  # a place that is no code at all
        return Trial(None, "", translate("admin.bad_area"))


def _form(form: Form, rule: RoutingRule | None, refusal: Refusal | None = None) -> str:
    return render_template(
        "admin/rule.html",
        section="rules",
        form=form,
        rule=rule,
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=_clash(form, rule) if refusal and refusal.is_conflict and rule else [],
        kinds=list(SubjectKind),
        subjects=choices.subjects(),
        areas=choices.area_groups(everywhere=""),
        units=choices.unit_groups(),
    )


def _typed() -> Form:
    names = ("position", "area_code", "subject_kind", "subject", "unit_id", "valid_from", "valid_to", "note")
    return {**typed(*names), "is_active": "is_active" in request.form}


def _stored(rule: RoutingRule) -> Form:
    return {
        "position": str(rule.position),
        "area_code": "" if rule.area_code == "3302" else rule.area_code,
        "subject_kind": rule.subject_kind,
        "subject": rule.subject,
        "unit_id": str(rule.unit_id),
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else "",
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else "",
        "note": rule.note,
        "is_active": rule.is_active,
    }


def _fields(form: Form) -> RuleFields:
    """Raises Invalid for what cannot even be read; whether it makes sense, the service knows."""
    faults: dict[str, str] = {}
    kind = str(form["subject_kind"])
    if kind not in set(SubjectKind):
        faults["subject_kind"] = translate("admin.choose")
    elif not _is_known(SubjectKind(kind), str(form["subject"])):
        faults["subject"] = translate("admin.rules.bad_subject")
    position = number_from(str(form["position"]))
    if form["position"] and not position:
        faults["position"] = translate("admin.rules.bad_position")
    if len(str(form["note"])) > LONGEST_NOTE:
        faults["note"] = translate("admin.too_long", n=LONGEST_NOTE)
    valid_from, valid_to = (_day(form, name, faults) for name in ("valid_from", "valid_to"))
    refuse(faults)
    return RuleFields(
        subject_kind=SubjectKind(kind),
        subject=str(form["subject"]),
        unit_id=number_from(str(form["unit_id"])) or 0,
        area_code=str(form["area_code"]),
        position=position,
        valid_from=valid_from,
        valid_to=valid_to,
        note=str(form["note"]),
        is_active=bool(form["is_active"]),
    )


def _is_known(kind: SubjectKind, subject: str) -> bool:
    if kind is SubjectKind.ANY:
        return subject == ANYTHING
    if kind is SubjectKind.CLASS:
        return subject in catalogue()
    if kind is SubjectKind.MAJOR:
        return subject in {entry.major for entry in catalogue()}
    return subject in choices.unit_types()


def _day(form: Form, name: str, faults: dict[str, str]) -> date | None:
    text = str(form[name])
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults[name] = translate("admin.rules.bad_day")
        return None


def _clash(form: Form, rule: RoutingRule) -> list[tuple[str, str, str]]:
    now = _stored(rule)
    return [
        (translate(f"admin.rules.{name}"), _said(name, now[name]), _said(name, form[name]))
        for name in now
        if now[name] != form[name]
    ]


def _said(name: str, value: object) -> str:
    if name == "is_active":
        return translate("admin.active" if value else "admin.inactive")
    if name == "subject_kind":
        return translate(f"admin.rules.kind.{value}")
    if name == "unit_id" and str(value).isdecimal():
        return queries.unit(int(str(value))).name
    if name == "area_code":
        return queries.areas().text(str(value)) or translate("admin.whole_city")
    return str(value)
