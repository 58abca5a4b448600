"""What the citizen's page shows of a case: nothing beyond the case, and nobody's name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clock
from app.accounts.roles import CITIZEN
from app.cases.details import offers
from app.cases.models import Attachment, Case
from app.cases.situations import situation_of
from app.cases.terms import Action
from app.cases.workflow import ENDED, State
from app.catalogue.clocks import Clock, measure
from app.catalogue.queries import calendar, catalogue
from app.events.models import Event
from app.events.queries import history
from app.messages import thread
from app.messages.models import ThreadMessage
from app.network.queries import areas
from app.web.texts import locale, translate

SHOWN_PHOTOS = 6
# Lines of the history a citizen is told; corrections and photographs are the staff's business.
TOLD = {
    "case.opened": "opened",
    "case.verified": "verified",
    "case.rejected": "rejected",
    "case.dispatched": "dispatched",
    "case.accepted": "accepted",
    "case.returned": "returned",
    "case.reassigned": "reassigned",
    "case.extension_granted": "extended",
    "case.suspended": "suspended",
    "case.resumed": "resumed",
    "case.fed_back": "fed_back",
    "case.check_failed": "check_failed",
    "case.closed": "closed",
    "case.forced_closed": "forced_closed",
    "case.reopened": "reopened",
    "case.voided": "voided",
    "case.urged": "urged",
    "case.rated": "rated",
}


@dataclass(frozen=True, slots=True)
class Shot:
    id: int
    caption: str


@dataclass(frozen=True, slots=True)
class StepTaken:
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the thread; nobody of the centre is named."""

    is_own: bool
    text: str
    when: str


@dataclass(frozen=True, slots=True)
class CitizenPage:
    """`facts`: (label, value, colour). `rating` 0: not yet rated."""

    number: str
    heading: str
    subject: str
    facts: list[tuple[str, str, str]]
    shots: list[Shot]
    steps: list[StepTaken]
    is_open: bool
    is_closed: bool
    may_reopen: bool
    rating: int
    comment: str
    thread: list[Said]


def page_of(case: Case, redact: Callable[[str], str]) -> CitizenPage:
    return CitizenPage(
        number=case.number,
        heading=translate(f"citizen.state.{'rated' if case.rating else case.state}"),
        subject=" · ".join(part for part in (_class_name(case), _place(case)) if part),
        facts=list(_facts(case)),
        shots=_shots(case),
        steps=[_step(case, event, redact) for event in reversed(history("case", case.id)) if event.kind in TOLD],
        is_open=case.state not in ENDED,
        is_closed=case.state == State.CLOSED,
        may_reopen=_may_reopen(case),
        rating=case.rating or 0,
        comment=case.rating_comment,
        thread=[_said(each.message) for each in thread.lines(case.id)],
    )


def _said(message: ThreadMessage) -> Said:
    return Said(message.is_from_citizen, message.text or "", _moment(message.at))


def shown_photos(case: Case) -> list[Attachment]:
    """The report's and the latest result's photographs; those of the check stay inside."""
    results = [each for each in case.attachments if each.purpose == "result"]
    last_round = max((each.round for each in results), default=0)
    reports = [each for each in case.attachments if each.purpose == "report"]
    return [*reports[:3], *(each for each in results if each.round == last_round)][:SHOWN_PHOTOS]


def _may_reopen(case: Case) -> bool:
    """While the window is open; the workflow itself says so."""
    if case.state != State.CLOSED:
        return False
    offered = offers(case, CITIZEN, situation_of(case))
    return any(each.action == Action.REOPEN.value for each in offered)


def _class_name(case: Case) -> str:
    if locale() == "en" and case.class_code and case.catalogue_version is not None:
        return catalogue(case.catalogue_version).class_of(case.class_code).name_en
    return case.class_name


def _place(case: Case) -> str:
    district = areas().find(case.district_code)
    prefix = district.name if district and not case.address.startswith(district.name) else ""
    return prefix + case.address


def _facts(case: Case) -> Iterator[tuple[str, str, str]]:
    yield translate("citizen.number"), case.number, ""
    if case.promised_until and case.promised_until != case.due_at and case.state not in ENDED:
        # What an agent told them by word of mouth counts for them, whatever the unit's limit says.
        is_missed = clock.now() > case.promised_until
        yield translate("citizen.told"), _moment(case.promised_until), "red-text" if is_missed else ""
    if case.unit_name and case.dispatched_at:
        yield translate("citizen.unit"), case.unit_name, ""
    if case.dispatched_at is None or case.due_at is None or not case.limit_unit:
        return
    promised = translate(f"citizen.limit.{case.limit_unit}", n=case.limit_value)
    if case.fed_back_at is None or case.state in (State.DISPATCHED, State.HANDLING):
        is_late = clock.now() > case.due_at
        yield translate("citizen.promised"), promised, ""
        yield translate("citizen.due"), _moment(case.due_at), "red-text" if is_late else ""
    else:
        used = _used(case.dispatched_at, case.fed_back_at, Clock(case.limit_unit), case.district_code or "")
        colour = "green-text" if case.fed_back_at <= case.due_at else "red-text"
        yield translate("citizen.used"), translate("citizen.used_of", used=used, promised=promised), colour


def _used(start: datetime, end: datetime, kind: Clock, district: str) -> str:
    """Measured on the limit's own clock, or a night would look like a broken promise."""
    spent = end - start if kind.runs_always else measure(start, end, kind, calendar(district))
    minutes = max(1, round(max(spent, timedelta()).total_seconds() / 60))
    if kind.runs_always and minutes >= 48 * 60:
        return translate("citizen.days_hours", d=minutes // 1440, h=minutes % 1440 // 60)
    if minutes < 60:
        return translate("citizen.minutes", m=minutes)
    return translate("citizen.hours_minutes", h=minutes // 60, m=minutes % 60)


def _shots(case: Case) -> list[Shot]:
    return [
        Shot(each.id, f"{translate(f'citizen.photo.{each.purpose}')} {_moment(each.at)}") for each in shown_photos(case)
    ]


def _step(case: Case, event: Event, redact: Callable[[str], str]) -> StepTaken:
    """Of the words in the history only the unit's result is told, without numbers and names of people."""
    note = ""
    if event.kind == "case.opened":
        note = translate(f"citizen.source.{case.source}")
    elif event.kind == "case.dispatched":
        unit = (event.payload.get("case") or {}).get("unit") or {}
        note = str(unit.get("name", ""))
    elif event.kind == "case.fed_back":
        note = redact(str(event.payload.get("text", "")))
    when = _moment(event.at)
    return StepTaken(translate(f"citizen.step.{TOLD[event.kind]}"), f"{when} · {note}" if note else when)


def _moment(moment: datetime) -> str:
    return f"{clock.local(moment):%m-%d %H:%M}"
