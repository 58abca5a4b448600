"""The audit: what happened, newest first, with before and after. No words of citizens and no telephone numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request

from app import clock
from app.accounts import queries as accounts
from app.cases.cards import EVENT_LABELS
from app.events.models import Event
from app.events.queries import newest
from app.network import queries as network
from app.web.administration.blueprint import PAGE_ROWS, bp, number_from
from app.web.texts import translate

KINDS = (
    "account.",
    "unit.",
    "rule.",
    "catalogue.",
    "calendar.",
    "case.",
    "call.",
    "seat.",
    "model.",
    "training.",
    "words.",
    "place.",
    "class.",
    "suggestion.",
    "area.",
    "article.",
    "call_back.",
    "incident.",
    "ladder.",
)
SUBJECTS = (
    "account",
    "unit",
    "rule",
    "catalogue",
    "calendar",
    "case",
    "call",
    "seat",
    "model",
    "training",
    "words",
    "place",
    "class",
    "suggestion",
    "area",
    "article",
    "call_back",
    "incident",
    "incident_rule",
    "ladder",
)
LEARNT = ("model", "training", "words", "class", "suggestion")
# Where a payload keeps the row as it is after the change.
ROWS = ("account", "unit", "rule", "place")


@dataclass(frozen=True, slots=True)
class Change:
    """`before` "" means: only what is now is known."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    at: str
    kind: str
    label: str
    actor: str
    subject: str
    summary: str
    changes: list[Change] = field(default_factory=list)


@bp.get("/audit")
def audit() -> str:
    person = request.args.get("person", "").strip()
    actor_ids = {each.id for each in accounts.people(person, limit=2)} if person else set()
    rows = [] if person and not actor_ids else _rows(min(actor_ids) if actor_ids else None)
    lines = rows[:PAGE_ROWS]
    names = accounts.names_of({each.actor_id for each in lines if each.actor_id})
    return render_template(
        "admin/audit.html",
        section="audit",
        lines=[_line(each, names) for each in lines],
        older=lines[-1].id if len(rows) > PAGE_ROWS else None,
        kinds=KINDS,
        subjects=SUBJECTS,
        is_ambiguous=len(actor_ids) > 1,
    )


def _rows(actor_id: int | None) -> list[Event]:
    kind, subject = request.args.get("kind", ""), request.args.get("subject", "")
    return list(
        newest(
            kind=kind if kind in KINDS else "",
            subject=(subject, number_from(request.args.get("id", ""))) if subject in SUBJECTS else None,
            actor_id=actor_id,
            before=number_from(request.args.get("before", "")),
            limit=PAGE_ROWS + 1,
        )
    )


def _line(event: Event, names: dict[int, str]) -> Line:
    return Line(
        id=event.id,
        at=f"{clock.local(event.at):%Y-%m-%d %H:%M:%S}",
        kind=event.kind,
        label=_label(event.kind),
        actor=names.get(event.actor_id or 0, translate("admin.audit.nobody")),
        subject=f"{translate(f'admin.audit.subject.{event.subject_type}')} {event.subject_id}",
        summary=_summary(event),
        changes=list(_changes(event.payload)),
    )


def _label(kind: str) -> str:
    known = translate(f"admin.audit.kind.{kind}")
    return _worded(EVENT_LABELS.get(kind, kind)) if known.startswith("admin.") else known


def _worded(text: str) -> str:
    """A word of the workflow in the reader's language; in Chinese it is the word itself."""
    known = translate(f"word.{text}")
    return text if known.startswith("word.") else known


def _summary(event: Event) -> str:
    """Only facts of known shape: free text of a payload may hold what a citizen said."""
    payload = event.payload
    if isinstance(case := payload.get("case"), dict):
        unit = (case.get("unit") or {}).get("name", "")
        state = _worded(str(case.get("state_label") or ""))
        return " · ".join(str(part) for part in (case.get("number"), state, unit) if part)
    for row in ROWS:
        if isinstance(payload.get(row), dict):
            return str(payload[row].get("name") or payload[row].get("subject") or "")
    if event.subject_type == "article":
        return str(payload.get("text", ""))
    if event.subject_type == "ladder":
        return _rung(payload)
    if event.subject_type in LEARNT:
        told = [payload.get("name"), payload.get("note"), *payload.get("added", ()), *payload.get("removed", ())]
        return " · ".join(str(part) for part in told if part)
    if event.subject_type in ("catalogue", "calendar"):
        named = payload.get("name") or payload.get("calendar") or payload.get("note") or ""
        return f"v{payload['number']} {named}" if "number" in payload else str(named)
    return ""


def _rung(payload: dict[str, Any]) -> str:
    area = network.areas().text(str(payload.get("area_code") or "")) or translate("admin.whole_city")
    classes = payload.get("class_code") or translate("admin.ladder.all_classes")
    told = translate(f"admin.ladder.post.{payload.get('recipient')}")
    return f"{area} · {classes} · {payload.get('percent')}% · {told}"


def _changes(payload: dict[str, Any]) -> Iterator[Change]:
    for line in payload.get("changes", ()):
        yield Change(f"{line['code']} {line['name']} {line['condition_no']}", line["before"], line["after"])
    now = next((payload[row] for row in ROWS if isinstance(payload.get(row), dict)), None)
    before = payload.get("before")
    if now is not None and isinstance(before, dict):
        for name, value in now.items():
            if before.get(name) != value:
                yield Change(_field(name), _said(name, before.get(name)), _said(name, value))
    if payload.get("password_changed"):
        yield Change(translate("admin.people.password"), "", translate("admin.audit.renewed"))
    if payload.get("pin_changed"):
        yield Change(translate("admin.units.pin"), "", translate("admin.audit.renewed"))


def _field(name: str) -> str:
    for place in ("people", "units", "rules", "places"):
        if not (text := translate(f"admin.{place}.{name}")).startswith("admin."):
            return text
    return name


def _said(name: str, value: Any) -> str:
    if name == "is_active":
        return translate("admin.active" if value else "admin.inactive")
    if name == "roles" and isinstance(value, list):
        return "、".join(translate(f"admin.role.{role}") for role in value)
    if name == "unit_id" and value:
        return _unit_names([value])
    if name == "co_unit_ids" and value:
        return _unit_names(value)
    if name == "area_code":
        return network.areas().text(str(value)) or translate("admin.whole_city")
    return "—" if value in (None, "") else str(value)


def _unit_names(unit_ids: list[int]) -> str:
    names = {unit.id: unit.name for unit in network.units(active_only=False, limit=network.EVERY_UNIT)}
    return "、".join(names.get(each, str(each)) for each in unit_ids)
