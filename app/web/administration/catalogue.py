"""Classes, filing conditions and limits: search, look, change, bring in. Every change is a new version."""

from dataclasses import replace

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.catalogue import queries, service
from app.catalogue.clocks import Clock
from app.catalogue.entries import Catalogue, Certainty, ClassEntry, ClassUrgency, Condition, Kind
from app.catalogue.sheets import COLUMNS, entries_of, rows_of
from app.tables import Row
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, cut, number_from, refuse
from app.web.administration.imports import Lines, Table, offer
from app.web.texts import translate

LONGEST_NOTE = 200
MOST_CONDITIONS = 20
OF_THE_CLASS = ("name", "name_en", "primary_unit_type", "secondary_unit_type", "urgency")
OF_A_CONDITION = ("text", "closing", "value", "unit", "value_b", "unit_b", "value_c", "unit_c")
_LIMITS = ("", "_b", "_c")
Form = dict[str, str]


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
def change_class(code: str) -> Response | tuple[str, int]:
    current = queries.catalogue()
    entry = current.class_of(code)
    form = {name: value.strip() for name, value in request.form.items() if name != "csrf_token"}
    based_on = number_from(form.get("based_on", "")) or 0
    note = form.get("note", "")[:LONGEST_NOTE]

    def change() -> str:
        changed = _read(entry, form)
        version = service.change_class(principal(), changed, based_on=based_on, note=note)
        return translate("admin.classes.saved", name=changed.name, number=version.number)

    refusal = attempt(change)
    if refusal is None:
        return redirect(f"/admin/classes/{code}", 303)
    # A box that was unticked is not sent: what is stored must not tick it again.
    shown = {name: value for name, value in _stored(entry).items() if name != "safety_critical" or "name" not in form}
    return _form(queries.catalogue().class_of(code), {**shown, **form}, refusal, note), refusal.status


def _form(entry: ClassEntry, form: Form, refusal: Refusal | None = None, note: str = "") -> str:
    return render_template(
        "admin/class.html",
        section="classes",
        entry=entry,
        form=form,
        note=note,
        number=queries.catalogue().number,
        clocks=list(Clock),
        urgencies=list(ClassUrgency),
        types=choices.unit_types(),
        next_no=max(each.no for each in entry.conditions) + 1,
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        clash=_clash(entry, form) if refusal and refusal.is_conflict else [],
    )


def _stored(entry: ClassEntry) -> Form:
    form = {name: str(getattr(entry, name)) for name in OF_THE_CLASS}
    if entry.safety_critical:
        form["safety_critical"] = "1"
    for each in entry.conditions:
        form |= {f"text_{each.no}": each.text, f"closing_{each.no}": each.closing}
        for suffix, limit in zip(_LIMITS, (each.limit, each.limit_b, each.limit_c), strict=True):
            form[f"value{suffix}_{each.no}"] = str(limit.value) if limit else ""
            form[f"unit{suffix}_{each.no}"] = limit.clock.value if limit else ""
    return form


def _read(entry: ClassEntry, form: Form) -> ClassEntry:
    """The class as typed. Limits are checked field by field, everything else as the import of a table checks it."""
    numbers = [each.no for each in entry.conditions if f"remove_{each.no}" not in form]
    new = max(each.no for each in entry.conditions) + 1
    if form.get(f"text_{new}") and new <= MOST_CONDITIONS:
        numbers.append(new)
    refuse(_limit_faults(numbers, form, {each.no for each in entry.conditions}))
    if not numbers:
        refuse({f"text_{entry.conditions[0].no}": translate("admin.classes.needs_condition")})
    base = next(iter(rows_of([entry]).values()))
    read = entries_of([(no, _row(base, no, form)) for no in numbers])[0]
    return replace(read, conditions=tuple(_judged(entry, each) for each in read.conditions))


def _row(base: Row, no: int, form: Form) -> Row:
    typed = {name: form[name] for name in OF_THE_CLASS if name in form}
    # A form without the class's own fields changes its limits only.
    if "name" in form:
        typed["safety_critical"] = "1" if "safety_critical" in form else "0"
    typed |= {name: form.get(f"{name}_{no}", "") for name in ("text", "closing")}
    for suffix in _LIMITS:
        value = form.get(f"value{suffix}_{no}", "")
        typed |= {f"limit_value{suffix}": value, f"limit_unit{suffix}": form[f"unit{suffix}_{no}"] if value else ""}
    return {**base, **typed, "condition_no": str(no), "limit_certainty": Certainty.JUDGED}


def _judged(entry: ClassEntry, condition: Condition) -> Condition:
    """Whatever a standard said, a limit that was changed is now this city's own judgement."""
    known = next((each for each in entry.conditions if each.no == condition.no), None)
    if known is None or known.limit != condition.limit:
        return condition
    return replace(condition, certainty=known.certainty)


def _limit_faults(numbers: list[int], form: Form, known: set[int]) -> dict[str, str]:
    faults = {}
    for no in numbers:
        for suffix in _LIMITS:
            value, unit = form.get(f"value{suffix}_{no}", ""), form.get(f"unit{suffix}_{no}", "")
            if not value and suffix:
                continue
            if not 1 <= (number_from(value) or 0) <= 365:
                faults[f"value{suffix}_{no}"] = translate("admin.classes.bad_value")
            if unit not in set(Clock):
                faults[f"unit{suffix}_{no}"] = translate("admin.choose")
    return faults


def _clash(entry: ClassEntry, form: Form) -> list[tuple[str, str, str]]:
    now = _stored(entry)
    told = [name for name in now if name in form and not name.startswith("unit")]
    return [
        (_label(name), _said(name, now), _said(name, form)) for name in told if _said(name, now) != _said(name, form)
    ]


def _label(name: str) -> str:
    field, _, no = name.rpartition("_")
    if field in OF_A_CONDITION:
        field = "closing_condition" if field == "closing" else field
        return f"{translate('admin.classes.condition', n=no)} · {translate(f'admin.classes.{field}')}"
    return translate(f"admin.classes.{name}")


def _said(name: str, form: Form) -> str:
    """A limit is said as a whole, value and clock."""
    value = form.get(name, "")
    unit = form.get(name.replace("value", "unit", 1), "") if name.startswith("value") else ""
    return f"{value} {translate(f'admin.clock.{unit}')}" if value and unit in set(Clock) else value


def _after(lines: Lines) -> dict[str, Row]:
    return rows_of(entries_of(lines))


def _bring_in(lines: Lines, note: str) -> str:
    newest = queries.newest_version()
    entries = entries_of(lines)
    version = service.import_version(principal(), newest.name if newest else note, entries, note)
    return translate("admin.classes.imported", number=version.number, n=len(entries))


def _current() -> Catalogue:
    return queries.catalogue()


offer(
    Table(
        kind="classes",
        keeps_note=True,
        section="classes",
        columns=COLUMNS,
        current=lambda: rows_of(_current()),
        after=_after,
        apply=_bring_in,
        stamp=lambda: _current().stamp,
    )
)
