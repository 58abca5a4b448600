"""Call-backs, promises and callers who ring again, over HTTP."""

from apiflask import APIBlueprint

from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.cases.cards import card_of as case_card
from app.cases.details import detail_of
from app.cases.schemas import CaseDetail, NearbyQuery
from app.cases.views import Tagged, expected_version
from app.catalogue.clocks import Lamp
from app.db import transaction
from app.followup import promises, queries, repeats, service
from app.followup.cards import card_of
from app.followup.schemas import (
    CallBackCard,
    CallBackList,
    CallBackQuery,
    CallBackResult,
    FollowUpFigures,
    NewPromise,
    PromiseLine,
    PromiseQuery,
    RepeatLine,
    RepeatReport,
)

bp = APIBlueprint("followup", __name__, url_prefix="/api/v1", tag="回访")

_CENTRE = (Permission.TAKE_CALLS, Permission.HEAR_RECORDINGS)


@bp.get("/call-backs")
@bp.input(CallBackQuery, location="query", arg_name="asked")
@bp.output(CallBackList)
@needs(*_CENTRE)
def list_call_backs(asked: CallBackQuery) -> CallBackList:
    """Citizens to be called now: whoever was promised a time that has passed, and those asked after the closing."""
    return queries.listed(principal(), asked)


@bp.get("/call-backs/figures")
@bp.output(FollowUpFigures)
@needs(*_CENTRE)
def follow_up_figures() -> FollowUpFigures:
    """响应率, 解决率, 满意率 of the last 30 days."""
    return queries.figures(principal())


@bp.post("/call-backs/<int:task_id>/claim")
@bp.output(CallBackCard)
@needs(Permission.TAKE_CALLS)
def claim_call_back(task_id: int) -> CallBackCard:
    """The first agent has it; 409 with `winner` for the others."""
    actor = principal()
    with transaction():
        return card_of(*service.claim(actor, task_id))


@bp.post("/call-backs/<int:task_id>/release")
@bp.output(CallBackCard)
@needs(Permission.TAKE_CALLS)
def release_call_back(task_id: int) -> CallBackCard:
    actor = principal()
    with transaction():
        return card_of(*service.release(actor, task_id))


@bp.post("/call-backs/<int:task_id>/complete")
@bp.input(CallBackResult, arg_name="result")
@bp.output(CallBackCard)
@needs(Permission.TAKE_CALLS)
def complete_call_back(task_id: int, result: CallBackResult) -> CallBackCard:
    """What was heard. Not reached: the task comes back later, three times at the most."""
    actor = principal()
    with transaction():
        return card_of(*service.complete(actor, task_id, result))


@bp.get("/promises")
@bp.input(PromiseQuery, location="query", arg_name="asked")
@bp.output(list[PromiseLine])  # type: ignore[arg-type]
@needs(Permission.CREATE_CASES)
def list_promises(asked: PromiseQuery) -> list[PromiseLine]:
    """What citizens were told and has passed (red) or will soon (yellow)."""
    found = promises.near(principal(), Lamp(asked.lamp) if asked.lamp else None, asked.limit)
    return [
        PromiseLine(case=case_card(case), lamp="red" if lamp is Lamp.RED else "yellow", text=promises.told(case))
        for case, lamp in found
    ]


@bp.post("/cases/<int:case_id>/promise")
@bp.input(NewPromise, arg_name="new")
@bp.output(CaseDetail)
@needs(Permission.CREATE_CASES)
def promise(case_id: int, new: NewPromise) -> Tagged:
    """The citizen was told another time. If-Match names the version the agent saw."""
    actor = principal()
    with transaction():
        case = promises.make(actor, case_id, new.until, new.text, expected_version())
        answer = detail_of(case, actor)
    return answer, 200, {"ETag": f'"{answer.version}"'}


@bp.get("/cases/repeats")
@bp.input(NearbyQuery, location="query", arg_name="asked")
@bp.output(list[RepeatLine])  # type: ignore[arg-type]
@needs(Permission.CREATE_CASES)
def list_repeats(asked: NearbyQuery) -> list[RepeatLine]:
    """Closed cases of this very caller that may be the matter they tell of now."""
    return [
        RepeatLine(
            case=case_card(again.case),
            days=again.days,
            similarity=again.likeness.score,
            reasons=list(again.likeness.reasons),
            may_reopen=again.may_reopen,
        )
        for again in repeats.find(principal(), asked)
    ]


@bp.post("/cases/<int:case_id>/repeat")
@bp.input(RepeatReport, arg_name="report")
@bp.output(CaseDetail)
@needs(Permission.CREATE_CASES)
def repeat_case(case_id: int, report: RepeatReport) -> Tagged:
    """The same matter again: the closed case goes back to its unit and counts as not fixed."""
    actor = principal()
    with transaction():
        case = repeats.take_again(actor, case_id, report, expected_version())
        answer = detail_of(case, actor)
    return answer, 200, {"ETag": f'"{answer.version}"'}
