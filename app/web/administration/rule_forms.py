"""The form of a routing rule: what was typed, what is stored, and what it means."""

from datetime import date, time

from flask import request

from app.catalogue.queries import catalogue
from app.network import queries
from app.network.models import RoutingRule
from app.network.routing import ANYTHING, SubjectKind
from app.network.service import RuleFields
from app.network.whens import ALWAYS, When
from app.tables import read_time
from app.web.administration import choices
from app.web.administration.blueprint import number_from, refuse, typed
from app.web.texts import translate

LONGEST_NOTE = 200
Form = dict[str, object]
WHEN = ("condition_no", "time_from", "time_to", "season_from", "season_to", "most_load")
NAMES = (
    "position",
    "area_code",
    "subject_kind",
    "subject",
    "unit_id",
    "co_units",
    "crew",
    "duty_phone",
    "valid_from",
    "valid_to",
    "note",
    *WHEN,
)
_SPLIT = "、"


def empty_form() -> Form:
    return {**dict.fromkeys(NAMES, ""), "subject_kind": "class", "weekdays": "", "is_active": True}


def typed_form() -> Form:
    weekdays = "".join(sorted({each for each in request.form.getlist("weekdays") if each in "1234567"}))
    flags = {name: name in request.form for name in ("is_active", "forget_phone")}
    return {**typed(*NAMES), "weekdays": weekdays, **flags}


def stored_form(rule: RoutingRule) -> Form:
    """The telephone is not among it: it is shown masked and typed anew to be changed."""
    plain = {name: str(getattr(rule, name) or "") for name in ("condition_no", "season_from", "season_to", "most_load")}
    names = {each.id: each.name for each in queries.units(active_only=False, limit=queries.EVERY_UNIT)}
    return {
        **plain,
        "position": str(rule.position),
        "area_code": "" if rule.area_code == "3302" else rule.area_code,
        "subject_kind": rule.subject_kind,
        "subject": rule.subject,
        "unit_id": str(rule.unit_id),
        "co_units": _SPLIT.join(names[each] for each in rule.co_unit_ids if each in names),
        "crew": rule.crew,
        "duty_phone": "",
        "time_from": f"{rule.time_from:%H:%M}" if rule.time_from else "",
        "time_to": f"{rule.time_to:%H:%M}" if rule.time_to else "",
        "weekdays": rule.weekdays,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else "",
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else "",
        "note": rule.note,
        "is_active": rule.is_active,
    }


def fields_of(form: Form, rule: RoutingRule | None) -> RuleFields:
    """Raises Invalid for what cannot even be read; whether it makes sense, the service knows."""
    faults: dict[str, str] = {}
    text = {name: str(form.get(name, "")) for name in NAMES}
    kind = text["subject_kind"]
    if kind not in set(SubjectKind):
        faults["subject_kind"] = translate("admin.choose")
    elif not _is_known(SubjectKind(kind), text["subject"]):
        faults["subject"] = translate("admin.rules.bad_subject")
    if len(text["note"]) > LONGEST_NOTE:
        faults["note"] = translate("admin.too_long", n=LONGEST_NOTE)
    position = _number(text, "position", faults)
    days = [_day(text, name, faults) for name in ("valid_from", "valid_to")]
    when = _when(text, str(form.get("weekdays", "")), faults)
    co_unit_ids = _co_units(text["co_units"], faults)
    refuse(faults)
    return RuleFields(
        subject_kind=SubjectKind(kind),
        subject=text["subject"],
        unit_id=number_from(text["unit_id"]) or 0,
        area_code=text["area_code"],
        position=position,
        valid_from=days[0],
        valid_to=days[1],
        note=text["note"],
        is_active=bool(form["is_active"]),
        when=when or ALWAYS,
        co_unit_ids=co_unit_ids,
        crew=text["crew"],
        duty_phone=_phone(text["duty_phone"], form, rule),
    )


def clash_of(form: Form, rule: RoutingRule) -> list[tuple[str, str, str]]:
    now = stored_form(rule)
    return [
        (translate(f"admin.rules.{name}"), said(name, now[name]), said(name, form[name]))
        for name in now
        if now[name] != form[name] and name != "duty_phone"
    ]


def said(name: str, value: object) -> str:
    if name == "is_active":
        return translate("admin.active" if value else "admin.inactive")
    if name == "subject_kind":
        return translate(f"admin.rules.kind.{value}")
    if name == "unit_id" and str(value).isdecimal():
        return queries.unit(int(str(value))).name
    if name == "area_code":
        return queries.areas().text(str(value)) or translate("admin.whole_city")
    return str(value)


def _when(text: dict[str, str], weekdays: str, faults: dict[str, str]) -> When:
    return When(
        condition_no=_number(text, "condition_no", faults),
        time_from=_time(text, "time_from", faults),
        time_to=_time(text, "time_to", faults),
        weekdays="" if len(weekdays) == 7 else weekdays,
        season_from=text["season_from"],
        season_to=text["season_to"],
        most_load=_number(text, "most_load", faults),
    )


def _co_units(text: str, faults: dict[str, str]) -> tuple[int, ...]:
    wanted = [each.strip() for each in text.replace(",", _SPLIT).replace("，", _SPLIT).split(_SPLIT) if each.strip()]
    if not wanted:
        return ()
    known: dict[str, int] = {}
    for unit in queries.units(limit=queries.EVERY_UNIT):
        known |= {unit.code: unit.id, unit.name: unit.id}
    strange = [each for each in wanted if each not in known]
    if strange:
        faults["co_units"] = translate("admin.rules.no_unit", name=strange[0][:40])
    return tuple(dict.fromkeys(known[each] for each in wanted if each in known))


def _phone(text: str, form: Form, rule: RoutingRule | None) -> str:
    if form.get("forget_phone"):
        return ""
    return text or (rule.duty_phone if rule else "") or ""


def _is_known(kind: SubjectKind, subject: str) -> bool:
    if kind is SubjectKind.ANY:
        return subject == ANYTHING
    if kind is SubjectKind.CLASS:
        return subject in catalogue()
    if kind is SubjectKind.MAJOR:
        return subject in {entry.major for entry in catalogue()}
    return subject in choices.unit_types()


def _number(text: dict[str, str], name: str, faults: dict[str, str]) -> int | None:
    found = number_from(text[name])
    if text[name] and not found:
        faults[name] = translate("admin.rules.bad_position" if name == "position" else "admin.rules.bad_number")
    return found


def _day(text: dict[str, str], name: str, faults: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text[name]) if text[name] else None
    except ValueError:
        faults[name] = translate("admin.rules.bad_day")
        return None


def _time(text: dict[str, str], name: str, faults: dict[str, str]) -> time | None:
    try:
        return read_time(text[name], name) if text[name] else None
    except ValueError:
        faults[name] = translate("admin.rules.bad_time")
        return None
