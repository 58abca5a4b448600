"""责任倒查: who had a case when and for how much of its limit, told from its history alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Any

from app import clock
from app.accounts.queries import names_of
from app.accounts.roles import Principal, Role
from app.cases.deadlines import ACCEPTANCE, DISPATCH, VERIFICATION
from app.cases.models import Case
from app.cases.terms import ENDED, EVENT_LABELS, State, UnitRole
from app.catalogue.calendars import WorkCalendar
from app.catalogue.clocks import Clock, Limit, measure
from app.catalogue.queries import calendar
from app.events import access
from app.events.models import AccessLine, Event
from app.events.queries import history
from app.events.seals import cut_tail, sealed_until
from app.events.verification import Fault, first_broken_line
from app.privacy import mask_name
from app.supervision.models import SupervisionOrder
from app.supervision.orders import orders_of

# Whose desk a case is on in each state, and how long it may lie there.
DESKS = {
    State.REPORTED: ("acceptor", ACCEPTANCE),
    State.VERIFYING: ("inspector", VERIFICATION),
    State.REJECTING: ("reviewer", None),
    State.FILED: ("dispatcher", DISPATCH),
    State.DISPATCHED: ("unit", None),
    State.HANDLING: ("unit", None),
    State.SUSPENDED: ("suspended", None),
    State.CHECKING: ("inspector", VERIFICATION),
    State.CONFIRMING: ("reviewer", None),
}
# What is told of a case beside the plain way.
REMARKABLE = (
    "case.returned",
    "case.reassigned",
    "case.extension_asked",
    "case.extension_granted",
    "case.extension_refused",
    "case.suspension_asked",
    "case.suspended",
    "case.suspension_refused",
    "case.resumed",
    "case.deadline_moved",
    "case.co_unit_added",
    "case.co_fed_back",
    "case.denied",
    "case.check_failed",
    "case.closing_overruled",
    "case.reopened",
    "case.rejection_proposed",
    "case.rejection_overruled",
    "case.rejected",
    "case.forced_closed",
    "case.appealed",
    "case.appeal_reviewed",
    "case.appeal_upheld",
    "case.appeal_dismissed",
    "case.supervised",
    "case.supervision_replied",
    "case.urged",
    "case.promised",
    "case.repeated",
    "case.phone_unanswered",
    "case.photo_hidden",
    "case.voided",
)
# Whoever did one of these had the case on that desk; whoever presses or looks on has not had it.
WORK = {
    "acceptor": ("case.filed", "case.verification_asked", "case.rejection_proposed", "case.rejected"),
    "dispatcher": ("case.dispatched", "case.verification_asked", "case.rejection_proposed", "case.rejected"),
    "inspector": ("case.verified", "case.denied", "case.closed", "case.checked", "case.check_failed"),
    "reviewer": ("case.rejected", "case.rejection_overruled", "case.closed", "case.closing_overruled"),
    "suspended": ("case.resumed",),
    "unit": (
        "case.accepted",
        "case.handed_to_crew",
        "case.fed_back",
        "case.returned",
        "case.extension_asked",
        "case.suspension_asked",
        "case.supervision_replied",
    ),
}
# A whole limit begins anew; one extended before has nothing to do with it.
_BEGINS = frozenset({"case.dispatched", "case.reassigned", "case.reopened"})
# Who may read which colleague looked at what.
_OVERSIGHT = frozenset({Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR})
_COLLEAGUES = _OVERSIGHT | {Role.DISPATCHER, Role.AGENT}


@dataclass(frozen=True, slots=True)
class Stay:
    """The case on one desk. `share`: how much of that desk's limit it used, 1.0 for all; None without a limit.

    Of an extended limit it is the share of the whole; a suspension or a check in between makes two stays of one limit.

    `in_hours`: the time was counted on a working clock, whose days are not of 24 hours.
    """

    desk: str
    holder: str
    since: datetime
    until: datetime | None
    used: timedelta
    share: float | None
    is_late: bool
    people: tuple[str, ...] = ()
    in_hours: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A line of history worth telling, or a look at what is confidential."""

    at: datetime
    kind: str
    label: str
    who: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class LineOfHash:
    seq: int
    at: datetime
    label: str
    who: str
    hash: str
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class CaseAccount:
    """`looks` is None for those who may not know; `fault` names the first broken line.

    `is_promise_missed`: not done by the time that the citizen was told.
    """

    case: Case
    made_at: datetime
    limit_text: str
    stays: list[Stay]
    notes: list[Note]
    orders: list[SupervisionOrder]
    looks: list[Note] | None
    lines: list[LineOfHash]
    fault: Fault | None
    sealed_day: str = ""
    sealed_digest: str = ""

    @property
    def is_promise_missed(self) -> bool:
        promised = self.case.promised_until
        return promised is not None and (self.case.closed_at or self.made_at) > promised

    @property
    def late(self) -> list[Stay]:
        return [stay for stay in self.stays if stay.is_late]


@dataclass
class _Desk:
    """A stay while it is being told."""

    desk: str
    holder: str
    since: datetime
    used: timedelta = timedelta()
    limits: int = 1  # the original one, and one for each extension
    until: datetime | None = None
    is_late: bool = False
    people: list[str] = field(default_factory=list)


def account_of(viewer: Principal, case: Case) -> CaseAccount:
    """Masked by role: names of colleagues for those at the centre, who looked at what for those who oversee."""
    events = history("case", case.id)
    limit = Limit(case.limit_value, Clock(case.limit_unit)) if case.limit_value and case.limit_unit else None
    name: Callable[[str], str] = str if viewer.roles & _COLLEAGUES else mask_name
    days, seal = calendar(case.district_code or ""), sealed_until()
    stays = [*_stays(events, limit, days, name), *_helpers(case, limit, days)]
    return CaseAccount(
        case=case,
        made_at=clock.now(),
        limit_text=limit.text if limit else "",
        stays=sorted(stays, key=lambda stay: stay.since),
        notes=[_note(event, name) for event in events if event.kind in REMARKABLE],
        orders=orders_of([case.id]).get(case.id, []),
        looks=_looks(case) if viewer.roles & _OVERSIGHT else None,
        lines=[_line(event, name, seal.last_id if seal else 0) for event in events],
        fault=first_broken_line("case", case.id) or cut_tail(subject=("case", case.id)),
        sealed_day=seal.day.isoformat() if seal else "",
        sealed_digest=seal.digest if seal else "",
    )


def _stays(
    events: Sequence[Event], limit: Limit | None, days: WorkCalendar, name: Callable[[str], str]
) -> Iterator[Stay]:
    desk: _Desk | None = None
    limits = 1
    for event, following in pairwise(chain(events, (None,))):
        assert event is not None
        limits = 1 if event.kind in _BEGINS else limits + (event.kind == "case.extension_granted")
        card = event.payload.get("case") or {}
        state = State(card.get("state", State.REPORTED))
        which = DESKS.get(state, ("", None))[0]
        holder = str((card.get("unit") or {}).get("name", "")) if which in ("unit", "suspended") else ""
        if desk is not None and (desk.desk, desk.holder) != (which, holder):
            yield _told(desk, limit)
            desk = None
        if state in ENDED:
            continue
        desk = desk or _Desk(which, holder, event.at)
        desk.limits = limits
        _lie(desk, card, event.at, following, limit, days)
        if following is not None and following.actor_id is not None and following.kind in WORK.get(which, ()):
            desk.people.append(name(_by(following)))
    if desk is not None:
        yield _told(desk, limit)


def _lie(
    desk: _Desk, card: dict[str, Any], since: datetime, following: Event | None, limit: Limit | None, days: WorkCalendar
) -> None:
    """The time until the next line, on the limit's own clock at a unit and on the wall's elsewhere."""
    now = following.at if following is not None else clock.now()
    desk.until = following.at if following is not None else None
    at_unit = desk.desk == "unit"
    desk.used += measure(since, now, limit.clock, days) if at_unit and limit else now - since
    due = datetime.fromisoformat(card["due_at"]) if at_unit and card.get("due_at") else None
    # The last deadline counts: one that was missed is moved by nothing but a holiday that was proclaimed late.
    desk.is_late = due is not None and now > due


def _helpers(case: Case, limit: Limit | None, days: WorkCalendar) -> Iterator[Stay]:
    """协办: the co-units have no limit of their own; the main unit answers for it."""
    for part in case.units if case.units_involved else []:
        if part.role == UnitRole.CO and part.dispatched_at is not None:
            until = part.fed_back_at or part.left_at or case.closed_at
            span = part.dispatched_at, until or clock.now()
            used = measure(*span, limit.clock, days) if limit else span[1] - span[0]
            in_hours = limit is not None and not limit.clock.runs_always
            yield Stay("co_unit", part.unit_name, part.dispatched_at, until, used, None, False, (), in_hours)


def _told(desk: _Desk, limit: Limit | None) -> Stay:
    allowed = limit.duration * desk.limits if desk.desk == "unit" and limit else _ALLOWED.get(desk.desk)
    share = desk.used / allowed if allowed else None
    is_late = desk.is_late if desk.desk == "unit" else share is not None and share > 1
    people = tuple(dict.fromkeys(desk.people))
    in_hours = desk.desk == "unit" and limit is not None and not limit.clock.runs_always
    return Stay(desk.desk, desk.holder, desk.since, desk.until, desk.used, share, is_late, people, in_hours)


_ALLOWED = {desk: allowed for desk, allowed in DESKS.values() if allowed is not None}


def _note(event: Event, name: Callable[[str], str]) -> Note:
    label = EVENT_LABELS.get(event.kind, event.kind)
    return Note(event.at, event.kind, label, name(_by(event)), str(event.payload.get("text", "")))


def _line(event: Event, name: Callable[[str], str], sealed_id: int) -> LineOfHash:
    label = EVENT_LABELS.get(event.kind, event.kind)
    return LineOfHash(event.subject_seq, event.at, label, name(_by(event)), event.hash, event.id <= sealed_id)


def _looks(case: Case) -> list[Note]:
    """At the case, and at the call it came from."""
    subjects = [("case", case.id), *([("call", case.call_id)] if case.call_id is not None else [])]
    found: Sequence[AccessLine] = access.looks(*subjects)
    names = names_of({line.viewer_id for line in found})
    return [Note(line.at, line.what, "", names.get(line.viewer_id, str(line.viewer_id))) for line in found]


def _by(event: Event) -> str:
    return str(event.payload.get("by", ""))
