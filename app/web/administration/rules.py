"""Routing rules: list, add, change, move, switch off, try which one decides and what a change would do."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.accounts.sessions import principal
from app.cases.samples import recent_samples
from app.cases.schemas import CaseFields
from app.cases.service import find_route
from app.catalogue.queries import catalogue
from app.errors import DomainError
from app.network import queries, service
from app.network.dryrun import DryRun, dry_run
from app.network.models import RoutingRule
from app.network.proposals import with_change
from app.network.routing import Route, SubjectKind
from app.network.rule_changes import check_rule
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, cut, number_from, seen_version
from app.web.administration.rule_checks import warning_of
from app.web.administration.rule_forms import Form, clash_of, empty_form, fields_of, stored_form, typed_form
from app.web.texts import translate
from telephony.numbers import mask

SAMPLES = (200, 1000, 5000)


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
        when_of=queries.when_of,
        trial=_try(request.args.get("class", "").strip(), request.args.get("place", "")),
    )


@bp.get("/rules/new")
def new_rule() -> str:
    return _form(empty_form(), None)


@bp.post("/rules/new")
def add_rule() -> Response | str | tuple[str, int]:
    form = typed_form()
    if "dry_run" in request.form:
        return _dry_run(form, None)

    def add() -> str:
        rule = service.add_rule(principal(), fields_of(form, None))
        return translate("admin.rules.added", position=rule.position) + warning_of(rule.id)

    refusal = attempt(add)
    return redirect("/admin/rules", 303) if refusal is None else (_form(form, None, refusal), refusal.status)


@bp.get("/rules/<int:rule_id>")
def show_rule(rule_id: int) -> str:
    rule = queries.rule(rule_id)
    return _form(stored_form(rule), rule)


@bp.post("/rules/<int:rule_id>")
def change_rule(rule_id: int) -> Response | str | tuple[str, int]:
    form, version = typed_form(), seen_version()
    if "dry_run" in request.form:
        return _dry_run(form, queries.rule(rule_id))

    def change() -> str:
        rule = service.change_rule(principal(), rule_id, version, fields_of(form, queries.rule(rule_id)))
        return translate("admin.rules.saved", position=rule.position) + warning_of(rule.id)

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


@bp.post("/rules/<int:rule_id>/move")
def move_rule(rule_id: int) -> Response:
    up, version = request.form.get("to") == "up", seen_version()

    def move() -> str:
        rule = service.move_rule(principal(), rule_id, version, up=up)
        return translate("admin.rules.moved", position=rule.position)

    if refusal := attempt(move):
        flash(refusal.message, "bad")
    page = number_from(request.form.get("page", "")) or 1
    return redirect(f"/admin/rules?page={page}#rule-{rule_id}", 303)


def _dry_run(form: Form, rule: RoutingRule | None) -> str | tuple[str, int]:
    """The form again, with the cases of the past that the change would send elsewhere. Nothing is saved."""
    try:
        fields = fields_of(form, rule)
        check_rule(fields)
    except DomainError as error:
        refusal = Refusal(error.status, error.message, error.facts.get("fields", {}))
        return _form(form, rule, refusal), refusal.status
    now = queries.rule_index()
    today = clock.local(clock.now()).date()
    # A rule that begins next month is tried on a day on which it holds.
    on = max(today, fields.valid_from or today)
    found = dry_run(recent_samples(_how_many(), on), now, with_change(now, fields, rule.id if rule else None))
    return _form(form, rule, trial=found)


def _how_many() -> int:
    asked = number_from(request.form.get("samples", ""))
    return asked if asked in SAMPLES else SAMPLES[1]


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


def _form(form: Form, rule: RoutingRule | None, refusal: Refusal | None = None, trial: DryRun | None = None) -> str:
    return render_template(
        "admin/rule.html",
        section="rules",
        form=form,
        rule=rule,
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=clash_of(form, rule) if refusal and refusal.is_conflict and rule else [],
        phone=mask(rule.duty_phone) if rule and rule.duty_phone else "",
        trial=trial,
        samples=SAMPLES,
        asked=_how_many(),
        kinds=list(SubjectKind),
        subjects=choices.subjects(),
        areas=choices.area_groups(everywhere="", chosen=str(form["area_code"])),
        units=choices.unit_groups(chosen=str(form["unit_id"])),
    )
