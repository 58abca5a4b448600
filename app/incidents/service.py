"""What people decide about an incident: confirm, dismiss, edit, attach, end.

Lock order everywhere: the cases first, in the order of their ids, then the incident.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app import clock
from app.accounts.roles import SYSTEM, Principal
from app.cases import reporters
from app.cases.models import Case
from app.cases.reporters import Newcomer
from app.cases.rows import locked, record
from app.cases.schemas import ActionFacts
from app.cases.service import take
from app.cases.terms import ENDED, Action
from app.cases.terms import State as CaseState
from app.cases.visibility import is_of_city, reaches
from app.db import after_commit, session
from app.errors import Conflict, Invalid
from app.incidents import tasks
from app.incidents.cards import told
from app.incidents.history import hold, hold_cases, hold_seen, renew, tell
from app.incidents.models import LABELS, Incident, State
from app.incidents.queries import find_incident
from app.incidents.schemas import Change, Confirmation, Joined

_AT_WORK = frozenset(CaseState) - ENDED - {CaseState.REPORTED, CaseState.VERIFYING, CaseState.REJECTING}


def confirm(actor: Principal, incident_id: int, wanted: Confirmation, edition: int) -> Incident:
    """From now on it is announced. Its cases are attached, and one of them is the case that is worked on."""
    _must_be_to_come(wanted.expected_until)
    seen = find_incident(actor, incident_id)
    chosen = wanted.case_ids if wanted.case_ids is not None else seen.case_ids
    cases = hold_cases([each for each in chosen if each in seen.case_ids])
    incident = hold_seen(actor, incident_id, edition)
    _must_be(incident, State.PROPOSED)
    main = _main_case(cases.values(), wanted.main_case_id)
    incident.state, incident.decided_at, incident.decided_by = State.CONFIRMED, clock.now(), actor.id
    incident.announcement, incident.expected_until = wanted.announcement, wanted.expected_until
    incident.main_case_id = main.id
    renew(incident)
    _attach(actor, incident, main, cases.values())
    tell("incident.confirmed", incident, actor)
    return incident


def dismiss(actor: Principal, incident_id: int, reason: str, edition: int) -> Incident:
    incident = hold_seen(actor, incident_id, edition)
    _must_be(incident, State.PROPOSED)
    incident.state, incident.decided_at, incident.decided_by = State.DISMISSED, clock.now(), actor.id
    incident.reason = reason
    renew(incident)
    tell("incident.dismissed", incident, actor, reason)
    return incident


def change(actor: Principal, incident_id: int, wanted: Change, edition: int) -> Incident:
    """What callers hear from the next call on."""
    incident = hold_seen(actor, incident_id, edition)
    _must_be(incident, State.CONFIRMED)
    if wanted.expected_until != incident.expected_until:
        _must_be_to_come(wanted.expected_until)
    incident.announcement, incident.expected_until = wanted.announcement, wanted.expected_until
    renew(incident)
    tell("incident.updated", incident, actor, wanted.announcement)
    return incident


def attach_cases(actor: Principal, incident_id: int, case_ids: Sequence[int], edition: int) -> Incident:
    """Cases filed beside a confirmed incident. If the main case came to nothing, one of them takes its place."""
    seen = find_incident(actor, incident_id)
    ids = {*(each for each in case_ids if each in seen.case_ids), seen.main_case_id or 0}
    cases = hold_cases(sorted(ids))
    incident = hold_seen(actor, incident_id, edition)
    _must_be(incident, State.CONFIRMED)
    main = cases.get(incident.main_case_id or 0)
    if main is None:
        raise Conflict("集中事件的主案件已变化，请刷新后再试")
    others = [case for case in cases.values() if case.id != main.id]
    if main.state in ENDED:
        main = _main_case(others, None)
        incident.main_case_id = main.id
        renew(incident)
    _attach(actor, incident, main, others)
    tell("incident.updated", incident, actor)
    return incident


def end(actor: Principal, incident_id: int, reason: str, edition: int, *, is_fixed: bool) -> Incident:
    incident = hold_seen(actor, incident_id, edition)
    _must_be(incident, State.CONFIRMED)
    _end(actor, incident, reason, is_fixed=is_fixed)
    return incident


def end_with_case(case: Case, reason: str) -> None:
    """The case that is worked on is closed: so is the incident. The case's row is held."""
    incident = hold(case.incident_id) if case.incident_id is not None else None
    if incident is None or incident.state != State.CONFIRMED or incident.main_case_id != case.id:
        return
    _end(SYSTEM, incident, reason, is_fixed=True)


def choose_other_main(case: Case) -> None:
    """The main case came to nothing: the next one at work takes its place; if there is none, people must know."""
    incident = hold(case.incident_id) if case.incident_id is not None else None
    if incident is None or incident.state != State.CONFIRMED or incident.main_case_id != case.id:
        return
    others = [session().get(Case, each) for each in incident.case_ids if each != case.id]
    at_work = (each for each in others if each and each.incident_id == incident.id and each.state in _AT_WORK)
    other = next(at_work, None)
    if other is not None:
        incident.main_case_id = other.id
    renew(incident)
    told_so = f"主案件改为 {other.number}" if other else f"主案件 {case.number} 已了结，请归入其他案件或结束事件"
    tell("incident.updated", incident, SYSTEM, told_so)


def join(actor: Principal, incident_id: int, newcomer: Newcomer) -> Incident | None:
    """A further caller. Twice is once; None if it is not, or no longer, to be joined."""
    seen = session().get(Incident, incident_id)
    if seen is None or seen.main_case_id is None:
        return None
    main = hold_cases([seen.main_case_id]).get(seen.main_case_id)
    incident = hold(incident_id)
    if main is None or incident is None or incident.state != State.CONFIRMED or incident.main_case_id != main.id:
        return None
    if reporters.attach(main, newcomer, incident.id):
        incident.joined += 1
        tell("incident.joined", incident, actor, _WAYS.get(newcomer.via, ""))
    return incident


def join_known(actor: Principal, case_id: int, newcomer: Newcomer) -> Joined:
    """A further reporter of any known case; of an incident's, one of the incident. Says how far it is."""
    seen = session().get(Case, case_id)
    if seen is not None and seen.incident_id is not None and reaches(actor, seen):
        incident = join(actor, seen.incident_id, newcomer)
        if incident is not None:
            main = session().get_one(Case, incident.main_case_id)
            return Joined(told=told(incident, main), people=incident.joined, incident_id=incident.id)
    case = locked(actor, case_id)
    if case.state in ENDED:
        raise Conflict(f"案件 {case.number} 已办结，请另行登记", number=case.number)
    if reporters.attach(case, newcomer):
        case.reporters += 1
        record(actor, case, [("case.joined", f"又有一位市民反映同一问题，共 {case.reporters + 1} 人")])
    return Joined(told=reporters.progress(case, case.reporters + 1), people=case.reporters + 1, incident_id=None)


def join_draft(actor: Principal, draft_id: int, case_id: int, expected_version: int) -> Joined:
    """A text message that tells of a known case: its sender is attached and told, and the draft is done with."""
    draft = locked(actor, draft_id, expected_version)
    if draft.state != CaseState.REPORTED or draft.id == case_id:
        raise Conflict("这条短信已由他人处理", number=draft.number)
    joined = join_known(actor, case_id, _sender_of(draft, actor))
    _merge(actor, draft, session().get_one(Case, case_id), joined.told)
    return joined


_WAYS = {"key": "来电人按键归入", "sms": "短信归入", "agent": "坐席归入"}


def _end(actor: Principal, incident: Incident, reason: str, *, is_fixed: bool) -> None:
    incident.state, incident.ended_at, incident.ended_by = State.ENDED, clock.now(), actor.id
    incident.reason, incident.is_fixed = reason, is_fixed
    renew(incident)
    event = tell("incident.ended", incident, actor, reason)
    incident.ended_event_id = event.id
    if is_fixed:
        after_commit(lambda: tasks.hand_over(incident.id))


def _attach(actor: Principal, incident: Incident, main: Case, cases: Iterable[Case]) -> None:
    """Each case says in its own history that it belongs to the incident, and its reporter is told with the others."""
    drafts = []
    for case in cases:
        if case.incident_id is not None or case.state in (CaseState.VOID, CaseState.REJECTED):
            continue
        case.incident_id = incident.id
        role = "主案件" if case.id == main.id else f"主案件 {main.number}"
        record(actor, case, [("case.joined_incident", f"归入集中事件 {incident.number}（{role}）")])
        # A district's people cannot void what the centre has not taken in yet.
        is_draft = case.source == "sms" and case.state == CaseState.REPORTED and is_of_city(actor)
        reporters.attach(main, _sender_of(case, actor) if is_draft else _reporter_of(case), incident.id)
        if case.reporters:
            reporters.take_over([case.id], incident.id)
        drafts += [case] if is_draft else []
    session().flush()
    incident.joined = reporters.count_of_incident(incident.id)
    for draft in drafts:
        _merge(actor, draft, main, told(incident, main))


def _merge(actor: Principal, draft: Case, known: Case, words: str) -> None:
    """Nobody need take in what is a known case: it leaves the agents' list, and its sender hears how far it is."""
    record(actor, draft, [("case.merged", words)])
    take(actor, draft, Action.VOID, ActionFacts(reason=f"与 {known.number} 为同一问题，已并入"))


def _sender_of(draft: Case, actor: Principal) -> Newcomer:
    return Newcomer(
        via="sms",
        phone=draft.reporter_phone,
        number_hash=draft.reporter_hash,
        words=draft.description,
        confidential=draft.confidential,
        sms_consent=draft.sms_consent,
        noted_by=actor.id,
    )


def _reporter_of(case: Case) -> Newcomer:
    return Newcomer(
        via="case",
        phone=case.reporter_phone,
        number_hash=case.reporter_hash,
        call_id=case.call_id,
        own_case_id=case.id,
        confidential=case.confidential,
        sms_consent=case.sms_consent,
    )


def _main_case(cases: Iterable[Case], wanted: int | None) -> Case:
    """The one that was named, else the first that a unit has, else the first that is filed."""
    at_work = [case for case in cases if case.state in _AT_WORK and case.incident_id is None]
    if wanted is not None:
        at_work = [case for case in at_work if case.id == wanted]
    if not at_work:
        raise Invalid("还没有可作主案件的已立案案件，请先立案", fields={"main_case_id": "请先立案"})
    return min(at_work, key=lambda case: (case.unit_id is None, case.opened_at, case.id))


def _must_be(incident: Incident, state: State) -> None:
    if incident.state != state:
        raise Conflict(f"集中事件已是“{LABELS[State(incident.state)]}”")


def _must_be_to_come(expected: datetime | None) -> None:
    if expected is not None and expected <= clock.now():
        raise Invalid("预计恢复时间已过", fields={"expected_until": "请选择将来的时间"})
