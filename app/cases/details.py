"""Everything about one case for the person who opened it, with what this person may do next."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from app import clock
from app.accounts.roles import Principal, Role
from app.cases import discretion, photos, voice
from app.cases.cards import attachment_line, card_of, line_of, reporter_of
from app.cases.deadlines import DISPATCH
from app.cases.guards import PING_PONG, Situation, possible, required
from app.cases.models import Attachment, Case, CaseRequest, CaseUnit
from app.cases.schemas import (
    AskedFact,
    AttachmentLine,
    CaseDetail,
    CaseName,
    Condition,
    HistoryLine,
    OfferedAction,
    RequestLine,
    StageClock,
    UnitName,
    UnitPart,
)
from app.cases.situations import asker_of, policy, situation_of
from app.cases.steps import Step
from app.cases.terms import (
    ACTION_LABELS,
    FACT_KINDS,
    FACT_LABELS,
    LABELS,
    REQUEST_LABELS,
    Action,
    Fact,
    RequestKind,
    State,
    UnitRole,
)
from app.catalogue.queries import catalogue
from app.db import session
from app.events.models import Event
from app.events.queries import history


def detail_of(case: Case, viewer: Principal) -> CaseDetail:
    situation, told = situation_of(case), partial(discretion.told, viewer, case)
    parts = case.units if case.units_involved else []
    return CaseDetail(
        **dict(card_of(case)),
        unseen=situation.unseen,
        voice_notes=voice.lines_of(case, viewer),
        description=told(case.description),
        intent=case.intent,
        result=told(case.result),
        condition=_condition(case),
        history=[_history_line(event, told) for event in history("case", case.id)],
        attachments=[_photo(each, case, viewer) for each in case.attachments],
        routing=_routing(case, told),
        deadline_steps=case.deadline_steps,
        reporter=reporter_of(case, viewer),
        rating_comment=told(case.rating_comment),
        actions=offers(case, viewer, situation),
        round=case.round,
        crew=case.crew,
        requests=[_request(each, parts, case, told) for each in (case.requests if case.requests_made else [])],
        co_units=[_part(each) for each in parts if each.role == UnitRole.CO],
        former_units=[_part(each) for each in parts if each.role == UnitRole.MAIN],
        extensions=case.extensions,
        reopens=case.reopens,
        suspended_at=case.suspended_at,
        suspended_until=case.suspended_until,
        stages=list(_stages(case)),
        should_resolve=case.should_resolve,
        should_resolve_reason=told(case.should_resolve_reason),
        overdue=situation.is_overdue,
        overdue_exempt=case.overdue_exempt,
        forced=case.forced,
        ping_pong=case.returns >= PING_PONG,
        repeat_of=_name(case.repeat_of),
    )


def _name(case_id: int | None) -> CaseName | None:
    found = session().get(Case, case_id) if case_id is not None else None
    return CaseName(id=found.id, number=found.number) if found else None


def _photo(attachment: Attachment, case: Case, viewer: Principal) -> AttachmentLine:
    may = {
        "may_take_back": photos.may_take_back(viewer, case, attachment),
        "may_hide": Role.SUPERVISOR in viewer.roles,
    }
    return attachment_line(attachment).model_copy(update=may)


def _history_line(event: Event, told: Callable[[str], str]) -> HistoryLine:
    line = line_of(event)
    return line.model_copy(update={"text": told(line.text)})


def _routing(case: Case, told: Callable[[str], str]) -> dict[str, Any] | None:
    """A dispatch by hand holds the dispatcher's own words."""
    return case.routing and {**case.routing, "explanation": told(str(case.routing.get("explanation", "")))}


def offers(case: Case, viewer: Principal, situation: Situation) -> list[OfferedAction]:
    """What this person may do now, and the form each action needs."""
    found = possible(situation, asker_of(viewer, case), policy())
    return [_offer(action, step, required(situation, step)) for action, step in found]


def _offer(action: Action, step: Step, must: frozenset[Fact]) -> OfferedAction:
    asked = must | step.takes
    return OfferedAction(
        action=action.value,
        label=ACTION_LABELS[action],
        requires=sorted(fact.value for fact in must),
        facts=[
            AskedFact(name=fact.value, label=FACT_LABELS[fact], kind=FACT_KINDS[fact], required=fact in must)
            for fact in Fact
            if fact in asked
        ],
    )


def _condition(case: Case) -> Condition | None:
    if not case.class_code or case.condition_no is None or case.catalogue_version is None:
        return None
    found = catalogue(case.catalogue_version).condition(case.class_code, case.condition_no)
    return Condition(no=found.no, text=found.text, closing=found.closing, limit_text=found.limit.text)


def _request(request: CaseRequest, parts: list[CaseUnit], case: Case, told: Callable[[str], str]) -> RequestLine:
    names = {part.unit_id: part.unit_name for part in parts} | {case.unit_id: case.unit_name}
    unit = request.unit_id
    return RequestLine(
        id=request.id,
        kind=request.kind,
        label=REQUEST_LABELS[RequestKind(request.kind)],
        state=request.state,
        unit=UnitName(id=unit, name=names.get(unit, "")) if unit is not None else None,
        reason=request.reason,
        until=request.until,
        mark=request.mark,
        asked_at=request.asked_at,
        first_review=told(request.first_review),
        first_reviewed_at=request.first_reviewed_at,
        decision=told(request.decision),
        decided_at=request.decided_at,
    )


def _part(part: CaseUnit) -> UnitPart:
    ended = part.fed_back_at or part.left_at
    return UnitPart(
        unit=UnitName(id=part.unit_id, name=part.unit_name),
        role=part.role,
        state=part.state,
        dispatched_at=part.dispatched_at,
        accepted_at=part.accepted_at,
        due_at=part.due_at,
        fed_back_at=part.fed_back_at,
        left_at=part.left_at,
        result=part.result,
        overdue=bool(part.due_at and ended and ended > part.due_at),
    )


def _stages(case: Case) -> Iterator[StageClock]:
    """The stage clocks that have run or run now, in the order of the work."""
    verified_beside = case.verification == "asked" and case.state != State.VERIFYING
    for stage, due, done in (
        (State.REPORTED, case.accept_due_at, case.filed_at),
        (State.VERIFYING, case.verify_due_at, case.verified_at),
        (State.FILED, case.dispatch_due_at, _first_dispatch(case)),
        (State.CHECKING, case.check_due_at, case.checked_at),
    ):
        if due is not None:
            running = case.state == stage or (stage is State.VERIFYING and verified_beside)
            yield _stage(stage, due, None if running else done or case.closed_at, is_running=running)


def _first_dispatch(case: Case) -> datetime | None:
    """Since the filing or the return: to be reassigned or reopened later makes no dispatch late."""
    if case.dispatch_due_at is None:
        return None
    former = (part.dispatched_at for part in (case.units if case.units_involved else []) if part.role == UnitRole.MAIN)
    since = case.dispatch_due_at - DISPATCH
    return min((each for each in (case.dispatched_at, *former) if each is not None and each >= since), default=None)


def _stage(stage: State, due: datetime, done: datetime | None, *, is_running: bool) -> StageClock:
    late = (clock.now() if is_running else done or due) > due
    return StageClock(
        stage=stage.value,
        label=LABELS[stage].removeprefix("待"),
        due_at=due,
        done_at=done,
        running=is_running,
        late=late,
    )
