"""What each action leaves on the case beside its new state; every effect returns the words for the history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app import clock
from app.accounts.roles import Principal
from app.cases import dispatching
from app.cases.deadlines import ACCEPTANCE, DISPATCH, VERIFICATION, CaseDeadline, Running
from app.cases.guards import Outcome
from app.cases.models import Case, CaseRequest
from app.cases.schemas import ActionFacts
from app.cases.situations import pending_request
from app.cases.steps import Tick
from app.cases.terms import AT_THE_UNIT, ENDED, Action, RequestKind, RequestState, State, UnitState, Verification
from app.catalogue.calendars import moment_text
from app.catalogue.queries import calendar, catalogue
from app.errors import Invalid
from app.network.queries import unit as find_unit


@dataclass(frozen=True, slots=True)
class Move:
    """One step about to be taken by somebody."""

    actor: Principal
    case: Case
    facts: ActionFacts
    outcome: Outcome

    @property
    def text(self) -> str:
        return self.facts.reason or self.facts.result


def enter(case: Case, action: Action, outcome: Outcome, why: str = "") -> None:
    """The one place that assigns a state, and with it what belongs to every way of getting there."""
    before, now = State(case.state), clock.now()
    case.state = outcome.target
    if action in _STAMPS:
        setattr(case, _STAMPS[action], now)
    if outcome.target is not before:
        _start_stage(case, outcome.target, now)
    if outcome.target in ENDED and before not in ENDED:
        case.closed_at = now
    if outcome.step.clock is Tick.DROP and outcome.target is not State.REJECTING:
        case.due_at = case.yellow_at = case.stopped_due_at = None
    if outcome.step.should_resolve is not None:
        case.should_resolve, case.should_resolve_reason = outcome.step.should_resolve, _why(action, why)
    if case.verification == Verification.ASKED and outcome.target in _NOBODY_LOOKS:
        case.verification = Verification.NONE
    if case.requests_made:
        _let_lapse(case, action)


def take_effect(move: Move, action: Action) -> str:
    """Run before the state changes."""
    effect = _EFFECTS.get(action)
    return effect(move) if effect else move.text


def _start_stage(case: Case, stage: State, now: datetime) -> None:
    if stage is State.REPORTED:
        case.accept_due_at = now + ACCEPTANCE
    elif stage is State.VERIFYING:
        case.verify_due_at = now + VERIFICATION
    elif stage is State.FILED:
        case.dispatch_due_at = now + DISPATCH
    elif stage is State.CHECKING:
        case.check_due_at = now + VERIFICATION


def _why(action: Action, why: str) -> str:
    label = _SHOULD_RESOLVE.get(action, "")
    return (f"{label}：{why}" if why and label != "已派遣" else label)[:200]


def _let_lapse(case: Case, action: Action) -> None:
    """Nobody decides any more about a limit that the unit no longer has."""
    if case.state in AT_THE_UNIT and action is not Action.REASSIGN:
        return
    for request in case.requests:
        is_about_the_limit = request.kind != RequestKind.APPEAL
        if request.state == RequestState.PENDING and (is_about_the_limit or case.state in (State.VOID, State.REJECTED)):
            request.state, request.decided_at = RequestState.LAPSED, clock.now()


def _running(case: Case, due: datetime) -> Running:
    return Running(
        due_at=due,
        limit=dispatching.limit_of(case),
        calendar=calendar(case.district_code or ""),
        extensions=case.extensions_now,
        steps=tuple(case.deadline_steps),
    )


def _set_deadline(case: Case, deadline: CaseDeadline) -> None:
    case.due_at, case.yellow_at, case.deadline_steps = deadline.due_at, deadline.yellow_at, list(deadline.steps)


# --- before the filing ---------------------------------------------------------------------------------------------


def _file(move: Move) -> str:
    case, entry = move.case, catalogue().class_of(move.facts.class_code or move.case.class_code or "")
    if move.facts.class_code or case.catalogue_version is None:
        condition = entry.condition(move.facts.condition_no or case.condition_no or 0)
        case.catalogue_version = catalogue().version_id
        case.class_code, case.class_name, case.condition_no = entry.code, entry.name, condition.no
        limit = dispatching.area_limit(condition, case.district_code, case.street_code, case.community_code)
        case.limit_value, case.limit_unit = limit.value, limit.clock.value
    return filing_text(case)


def filing_text(case: Case) -> str:
    condition = catalogue(case.catalogue_version).condition(case.class_code or "", case.condition_no or 0)
    return f"{case.class_name} · {condition.text}"


def verify_beside(case: Case) -> None:
    """核实 without holding up the dispatch: the inspector has half an hour to look."""
    case.verification, case.verify_due_at = Verification.ASKED, clock.now() + VERIFICATION
    case.verified_at = None


def _ask_verification(move: Move) -> str:
    verify_beside(move.case)
    return move.text


def _verified(answer: Verification) -> Callable[[Move], str]:
    def effect(move: Move) -> str:
        move.case.verification, move.case.verified_at = answer, clock.now()
        return move.text

    return effect


def _propose(move: Move) -> str:
    move.case.proposed_by = move.actor.id
    return move.text


# --- at the unit ---------------------------------------------------------------------------------------------------


def _dispatch(move: Move) -> str:
    return dispatching.dispatch(move.case, move.facts)


def _reassign(move: Move) -> str:
    if move.facts.unit_id == move.case.unit_id:
        raise Invalid("案件已在该单位，改派须另选单位", fields={"unit_id": "请另选单位"})
    dispatching.record_leaving(move.case, UnitState.REASSIGNED)
    before = move.case.unit_name
    return f"由 {before} 改派；{dispatching.dispatch(move.case, move.facts)}"


def _return(move: Move) -> str:
    case, suggested = move.case, move.facts.suggested_unit_id
    hint = f"，建议派{find_unit(suggested).name}" if suggested else ""
    text = f"{case.unit_name}回退：{move.facts.reason}{hint}"
    dispatching.record_leaving(case, UnitState.RETURNED)
    case.returns += 1
    case.returned_by = list(dict.fromkeys([*case.returned_by, case.unit_id]))
    case.unit_id, case.unit_name, case.dispatched_at, case.routing = None, "", None, None
    case.deadline_steps = []
    return text


def _hand_to_crew(move: Move) -> str:
    move.case.crew = move.facts.crew
    return "，".join(part for part in (f"班组：{move.facts.crew}", move.facts.reason) if part)


def _add_co_unit(move: Move) -> str:
    added = dispatching.add_co_units(move.case, [move.facts.unit_id or 0])
    return "，".join(part for part in (added, move.facts.reason) if part)


def _co_feed_back(move: Move) -> str:
    """The part of the co-unit the actor works for."""
    for part in move.case.units:
        if part.unit_id == move.actor.unit_id and part.state == UnitState.DISPATCHED:
            part.state, part.fed_back_at, part.result = UnitState.FED_BACK, clock.now(), move.facts.result
            return f"{part.unit_name}：{move.facts.result}"
    raise AssertionError("the guards let a stranger through")


def _feed_back(move: Move) -> str:
    move.case.result = move.facts.result
    note = f"（协办未反馈：{move.facts.reason}）" if move.facts.reason else ""
    return move.facts.result + note


# --- requests ------------------------------------------------------------------------------------------------------


def _ask(kind: RequestKind) -> Callable[[Move], str]:
    def effect(move: Move) -> str:
        case, until = move.case, move.facts.until
        case.requests.append(
            CaseRequest(
                kind=kind,
                unit_id=case.unit_id,
                reason=move.facts.reason,
                until=until,
                mark=case.due_at,
                asked_by=move.actor.id,
                asked_at=clock.now(),
                state=RequestState.PENDING,
            )
        )
        case.requests_made += 1
        return f"{move.facts.reason}（至{moment_text(until)}）" if until else move.facts.reason

    return effect


def _decide(move: Move, kind: RequestKind, state: RequestState) -> CaseRequest:
    request = pending_request(move.case, kind)
    request.state, request.decision = state, move.facts.reason
    request.decided_by, request.decided_at = move.actor.id, clock.now()
    return request


def _refuse(kind: RequestKind) -> Callable[[Move], str]:
    def effect(move: Move) -> str:
        _decide(move, kind, RequestState.REFUSED)
        return move.text

    return effect


def _grant_extension(move: Move) -> str:
    case = move.case
    _decide(move, RequestKind.EXTENSION, RequestState.GRANTED)
    if case.due_at is None:
        raise AssertionError("a case at a unit has a deadline")
    _set_deadline(case, _running(case, case.due_at).extended())
    case.extensions += 1
    until = f"第 {case.extensions} 次延期，至{moment_text(case.due_at)}"
    return "，".join(part for part in (until, move.facts.reason) if part)


def _grant_suspension(move: Move) -> str:
    case, now = move.case, clock.now()
    request = _decide(move, RequestKind.SUSPENSION, RequestState.GRANTED)
    until = move.facts.until or request.until or now
    if case.due_at is not None:
        case.deadline_steps = list(_running(case, case.due_at).stopped(now, "挂账"))
    case.suspended_at, case.suspended_until = now, until
    case.stopped_due_at, case.due_at, case.yellow_at = case.due_at, None, None
    return "，".join(part for part in (f"挂账至{moment_text(until)}", move.facts.reason) if part)


def _resume(move: Move) -> str:
    _go_on(move.case, "恢复处置")
    return move.text or ("挂账到期，自动恢复" if move.actor.id is None else "")


def _go_on(case: Case, why: str) -> None:
    """At the suspension's end at the latest: a worker that slept through it gives nobody more time."""
    if case.stopped_due_at is not None and case.suspended_at is not None:
        at = min(clock.now(), case.suspended_until or clock.now())
        _set_deadline(case, _running(case, case.stopped_due_at).resumed(case.suspended_at, at, why))
    case.stopped_due_at = None


# --- closing -------------------------------------------------------------------------------------------------------


def _rework(move: Move) -> str:
    """返工: earlier material stays; the unit goes on with what was left of its limit."""
    case = move.case
    if case.due_at is not None and case.fed_back_at is not None:
        _set_deadline(case, _running(case, case.due_at).resumed(case.fed_back_at, clock.now(), "返工"))
    case.reworks += 1
    case.fed_back_at = None
    return move.text


def _reopen(move: Move) -> str:
    case = move.case
    dispatching.record_leaving(case, UnitState.FED_BACK)
    case.reopens += 1
    case.closed_at = case.fed_back_at = case.rating = None
    case.rating_comment, case.forced = "", False
    if case.unit_id is None:
        dispatched = dispatching.dispatch(case, move.facts)
        case.promised_until = case.due_at
        return f"{move.facts.reason}；{dispatched}"
    dispatching.start_clock(case)
    # The old promise was about the old work: the citizen is told the new limit.
    case.promised_until = case.due_at
    return move.facts.reason


def _force_close(move: Move) -> str:
    case = move.case
    case.forced = True
    # A suspended case is not late for having been suspended.
    _go_on(case, "挂账终止")
    return move.text


def _uphold_appeal(move: Move) -> str:
    request = pending_request(move.case, RequestKind.APPEAL)
    if request.first_reviewer is None:
        request.first_reviewer, request.first_review = move.actor.id, move.facts.reason
        request.first_reviewed_at = clock.now()
        return move.text
    _decide(move, RequestKind.APPEAL, RequestState.GRANTED)
    # A later limit makes a later mark: only the one appealed against is exempt.
    if request.mark == move.case.due_at:
        move.case.overdue_exempt = True
    return move.text


def _supervise(move: Move) -> str:
    move.case.supervisions += 1
    return move.text


def _urge(move: Move) -> str:
    move.case.urges += 1
    return move.text or f"第 {move.case.urges} 次催办"


# An inspector who was asked whether the thing exists has no step to take there any more.
_NOBODY_LOOKS = ENDED | {State.CHECKING, State.REJECTING}
_STAMPS = {
    Action.FILE: "filed_at",
    Action.DISPATCH: "dispatched_at",
    Action.REASSIGN: "dispatched_at",
    Action.REOPEN: "dispatched_at",
    Action.ACCEPT: "accepted_at",
    Action.FEED_BACK: "fed_back_at",
    Action.PASS_CHECK: "checked_at",
    Action.FAIL_CHECK: "checked_at",
}
_SHOULD_RESOLVE = {
    Action.DISPATCH: "已派遣",
    Action.REASSIGN: "已派遣",
    Action.RESUME: "恢复处置",
    Action.REOPEN: "重新办理",
    Action.RETURN: "已回退",
    Action.GRANT_SUSPENSION: "挂账",
    Action.REJECT: "不予立案",
    Action.CONFIRM_REJECTION: "不予立案",
    Action.VOID: "作废",
}
_EFFECTS: dict[Action, Callable[[Move], str]] = {
    Action.FILE: _file,
    Action.REJECT: _propose,
    Action.ASK_VERIFICATION: _ask_verification,
    Action.CONFIRM_EXISTS: _verified(Verification.CONFIRMED),
    Action.DENY_EXISTS: _verified(Verification.DENIED),
    Action.DISPATCH: _dispatch,
    Action.REASSIGN: _reassign,
    Action.RETURN: _return,
    Action.HAND_TO_CREW: _hand_to_crew,
    Action.ADD_CO_UNIT: _add_co_unit,
    Action.CO_FEED_BACK: _co_feed_back,
    Action.FEED_BACK: _feed_back,
    Action.ASK_EXTENSION: _ask(RequestKind.EXTENSION),
    Action.GRANT_EXTENSION: _grant_extension,
    Action.REFUSE_EXTENSION: _refuse(RequestKind.EXTENSION),
    Action.ASK_SUSPENSION: _ask(RequestKind.SUSPENSION),
    Action.GRANT_SUSPENSION: _grant_suspension,
    Action.REFUSE_SUSPENSION: _refuse(RequestKind.SUSPENSION),
    Action.RESUME: _resume,
    Action.PASS_CHECK: _propose,
    Action.FAIL_CHECK: _rework,
    Action.OVERRULE_CLOSING: _rework,
    Action.REOPEN: _reopen,
    Action.APPEAL: _ask(RequestKind.APPEAL),
    Action.UPHOLD_APPEAL: _uphold_appeal,
    Action.DISMISS_APPEAL: _refuse(RequestKind.APPEAL),
    Action.SUPERVISE: _supervise,
    Action.FORCE_CLOSE: _force_close,
    Action.URGE: _urge,
}
