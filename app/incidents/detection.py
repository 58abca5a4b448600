"""Proposing incidents: looks at what came in lately and keeps the proposals up to date.

Run by the worker every few seconds: intake pays nothing for it, and what a stopped worker missed within an hour is
found by its next look.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from app import clock
from app.accounts.roles import SYSTEM
from app.cases.models import Case
from app.cases.terms import ENDED
from app.catalogue.entries import Catalogue
from app.catalogue.queries import catalogue
from app.db import session
from app.errors import Unavailable
from app.incidents import settings, texts
from app.incidents.history import tell
from app.incidents.models import ACTIVE, Incident, State
from app.incidents.rules import Place, Report, Surge, find_surges
from app.network.queries import areas

# At least as long as the longest window of a rule; also how far back a worker looks after an outage.
LOOK_BACK = timedelta(hours=1)
# A proposal that nobody took up and nobody calls about any more is over.
LAPSES_AFTER = timedelta(hours=6)
SURE = 0.5  # how sure the machine must be of a class or a place to count words as a report
MOST_READ = 5000

# Calls lie above this package: they hand in the callers who are no case yet.
Source = Callable[[datetime], Iterable[Report]]
_sources: list[Source] = []


def reports_from(source: Source) -> Source:
    _sources.append(source)
    return source


def look() -> int:
    """Propose what is new, let proposals grow and lapse; returns how many incidents were touched."""
    rules = settings.rules()
    longest = max((timedelta(minutes=rule.minutes) for rule in rules), default=LOOK_BACK)
    since = clock.now() - max(LOOK_BACK, longest)
    active = {(each.matter, each.area_code): each for each in _active()}
    reports = _recent(since)
    surges = find_surges(reports, rules, _settled(since))
    touched = 0
    for surge in surges:
        known = active.get((surge.group, surge.area_code))
        touched += _grow(known, surge) if known is not None else _propose(surge)
    return touched + _lapse(active.values())


def place_of(suggestion: dict[str, Any] | None) -> tuple[str | None, str | None, str | None]:
    """District, street and community that the machine heard."""
    places = (suggestion or {}).get("places") or []
    if not places or places[0].get("confidence", 0) < SURE:
        return None, None, None
    first = places[0]
    district, street, community = (
        (first.get(level) or {}).get("code") for level in ("district", "street", "community")
    )
    return district, street, community


def class_of(suggestion: dict[str, Any] | None) -> str | None:
    candidates = (suggestion or {}).get("candidates") or []
    sure = candidates and candidates[0].get("confidence", 0) >= SURE
    return str(candidates[0]["code"]) if sure else None


def _recent(since: datetime) -> list[Report]:
    from_cases = (_report(row) for row in session().execute(_cases(since)))
    others = (report for source in _sources for report in source(since))
    return [report for report in (*from_cases, *others) if report is not None]


def _cases(since: datetime) -> Any:
    columns = (
        Case.id,
        Case.opened_at,
        Case.class_code,
        Case.suggestion,
        Case.district_code,
        Case.street_code,
        Case.community_code,
        Case.reporter_hash,
        Case.call_id,
    )
    wanted = select(*columns).where(
        Case.opened_at >= since, or_(Case.state.not_in(ENDED), Case.incident_id.is_not(None))
    )
    return wanted.order_by(Case.opened_at.desc()).limit(MOST_READ)


def _report(row: Any) -> Report | None:
    class_code = row.class_code or class_of(row.suggestion)
    if class_code is None:
        return None
    return Report(
        at=row.opened_at,
        class_code=class_code,
        district=row.district_code,
        street=row.street_code,
        community=row.community_code,
        caller=row.reporter_hash,
        case_id=row.id,
        call_id=row.call_id,
    )


def _active() -> Sequence[Incident]:
    return session().scalars(select(Incident).where(Incident.state.in_(ACTIVE)).with_for_update()).all()


def _settled(since: datetime) -> dict[Place, datetime]:
    """Until when people have dealt with a matter at a place: what was dismissed is not proposed again for it."""
    moment = func.max(func.coalesce(Incident.ended_at, Incident.decided_at))
    query = select(Incident.matter, Incident.area_code, moment).where(
        Incident.state.not_in(ACTIVE), func.coalesce(Incident.ended_at, Incident.decided_at) >= since
    )
    rows = session().execute(query.group_by(Incident.matter, Incident.area_code))
    return {(matter, area): at for matter, area, at in rows}


def _propose(surge: Surge) -> int:
    name, now = _class_name(surge.class_code), clock.now()
    place, spoken = areas().text(surge.area_code), surge.rule.spoken or name
    incident = Incident(
        state=State.PROPOSED,
        matter=surge.group,
        area_code=surge.area_code,
        class_code=surge.class_code,
        class_name=name,
        title=f"{place}{spoken}",
        classes=list(surge.rule.classes) or [surge.class_code],
        spoken=spoken,
        people_needed=surge.rule.people,
        minutes=surge.rule.minutes,
        announcement=texts.announcement(place, spoken),
        opened_at=now,
        first_at=surge.reports[0].at,
        version=0,
        edition=1,
        is_fixed=False,
        joined=0,
        reason="",
    )
    _count(incident, surge)
    session().add(incident)
    tell("incident.proposed", incident, SYSTEM, f"{surge.people}人在{surge.rule.minutes}分钟内反映")
    return 1


def _grow(incident: Incident, surge: Surge) -> int:
    """Every report belongs to the incident's list; for a confirmed one a person decides which are attached."""
    before = (incident.case_ids, incident.call_ids)
    _count(incident, surge)
    if (incident.case_ids, incident.call_ids) == before:
        return 0
    tell("incident.updated", incident, SYSTEM)
    return 1


def _count(incident: Incident, surge: Surge) -> None:
    cases = {report.case_id for report in surge.reports if report.case_id is not None}
    calls = {report.call_id for report in surge.reports if report.case_id is None and report.call_id is not None}
    # A call that has become a case is listed as that case.
    filed = {report.call_id for report in surge.reports if report.case_id is not None}
    incident.case_ids = sorted(cases.union(incident.case_ids or ()))
    incident.call_ids = sorted(calls.union(incident.call_ids or ()) - filed)
    incident.reports = max(surge.people, incident.reports or 0)
    incident.last_at = surge.reports[-1].at


def _lapse(active: Iterable[Incident]) -> int:
    now, lapsed = clock.now(), 0
    for incident in active:
        if incident.state == State.PROPOSED and incident.last_at < now - LAPSES_AFTER:
            incident.state, incident.decided_at, incident.reason = State.DISMISSED, now, "长时间无新来电，自动失效"
            incident.edition += 1
            tell("incident.dismissed", incident, SYSTEM, incident.reason)
            lapsed += 1
    return lapsed


def _class_name(code: str) -> str:
    known = _catalogue()
    return known.class_of(code).name if known is not None and code in known else code


def _catalogue() -> Catalogue | None:
    try:
        return catalogue()
    except Unavailable:
        return None
