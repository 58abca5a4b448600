"""How an incident is shown: the card everyone in its rooms may see, and the lines that depend on who looks."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases import discretion
from app.cases import reporters as people_of
from app.cases.cards import card_of as case_card
from app.cases.models import Case, CaseReporter
from app.cases.schemas import Area
from app.cases.terms import ENDED
from app.cases.terms import LABELS as CASE_LABELS
from app.cases.terms import State as CaseState
from app.db import session
from app.events import access
from app.events.access import Looked
from app.incidents import texts
from app.incidents.models import LABELS, Incident, State
from app.incidents.schemas import IncidentCard, IncidentDetail, MainCase, ReporterLine, ReportLine
from app.network.queries import areas
from telephony.numbers import mask

SOURCES = {"call": "来电", "sms": "短信", "web": "网络"}


def card_of(incident: Incident) -> IncidentCard:
    main = session().get(Case, incident.main_case_id) if incident.main_case_id is not None else None
    return IncidentCard(
        id=incident.id,
        number=incident.number,
        version=incident.version,
        edition=incident.edition,
        state=incident.state,
        state_label=LABELS[State(incident.state)],
        title=incident.title,
        matter=incident.matter,
        classes=incident.classes,
        class_code=incident.class_code,
        class_name=incident.class_name,
        area=Area(code=incident.area_code, name=areas().text(incident.area_code)),
        reports=incident.reports,
        joined=incident.joined,
        people_needed=incident.people_needed,
        minutes=incident.minutes,
        first_at=incident.first_at,
        last_at=incident.last_at,
        opened_at=incident.opened_at,
        decided_at=incident.decided_at,
        announcement=incident.announcement,
        expected_until=incident.expected_until,
        ended_at=incident.ended_at,
        is_fixed=incident.is_fixed,
        reason=incident.reason,
        main_case=_main(main),
        told=told(incident, main) if main is not None else "",
    )


def cards_of(incidents: Sequence[Incident]) -> list[IncidentCard]:
    """The main cases are read at once."""
    ids = [each.main_case_id for each in incidents if each.main_case_id is not None]
    if ids:
        session().scalars(select(Case).where(Case.id.in_(ids))).all()
    return [card_of(each) for each in incidents]


def told(incident: Incident, main: Case) -> str:
    """How far it is, for an agent to read to whoever tells of it again."""
    return f"同一事件已有{incident.joined}人反映，编号{main.number}，{standing(incident, main)}"


def standing(incident: Incident, main: Case) -> str:
    """The time that was announced counts before the case's own limit."""
    expected = texts.until(incident.expected_until, clock.now())
    if main.state in ENDED and incident.state == State.CONFIRMED:  # that case came to nothing, the matter goes on
        return f"正在处置。{expected}"
    return (people_of.where_it_is(main) if expected else people_of.standing(main)) + expected


def detail_of(incident: Incident, viewer: Principal, calls: Iterable[ReportLine]) -> IncidentDetail:
    cases = session().scalars(select(Case).where(Case.id.in_(incident.case_ids))).all()
    lines = [*(_line(case, incident, viewer) for case in cases), *calls]
    return IncidentDetail(
        **dict(card_of(incident)), lines=sorted(lines, key=lambda line: line.at), spoken=incident.spoken
    )


def reporter_line(row: CaseReporter, viewer: Principal) -> ReporterLine:
    sees_all = viewer.may(Permission.SEE_FULL_NUMBERS)
    if row.phone and sees_all:
        access.note(viewer.id, ("case", row.case_id), Looked.NUMBER)
    elif row.confidential:
        access.note(viewer.id, ("case", row.case_id), Looked.CONFIDENTIAL)
    return ReporterLine(
        at=row.at,
        via=row.via,
        phone=row.phone if sees_all else mask(row.phone) if row.phone else None,
        confidential=row.confidential,
        words=(row.words or "") if sees_all or not row.confidential else "",
        own_case_id=row.own_case_id,
        told_at=row.told_at,
    )


def _line(case: Case, incident: Incident, viewer: Principal) -> ReportLine:
    return ReportLine(
        at=case.opened_at,
        source=SOURCES.get(case.source, case.source),
        text=discretion.told(viewer, case, case.description)[:200],
        call_id=case.call_id,
        case=case_card(case),
        attached=case.incident_id == incident.id,
    )


def _main(case: Case | None) -> MainCase | None:
    if case is None:
        return None
    label = CASE_LABELS[CaseState(case.state)]
    return MainCase(id=case.id, number=case.number, state=case.state, state_label=label, unit=case.unit_name)
