"""Reading call-backs and what they say about the work."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true

from app import clock
from app.accounts.roles import Principal
from app.cases.models import Case
from app.cases.visibility import visible
from app.db import session
from app.followup.cards import card_of
from app.followup.models import WAITING, CallBack, Kind, Task
from app.followup.schemas import CallBackCard, CallBackList, CallBackQuery, FollowUpFigures

SATISFIED_FROM = 4  # of 1..5
COUNTED = timedelta(days=30)


def listed(viewer: Principal, asked: CallBackQuery) -> CallBackList:
    """What is to be done now, missed promises first, then by the day until which it is due; or what is over."""
    query = select(CallBack, Case).join(Case, Case.id == CallBack.case_id).where(visible(viewer))
    if asked.case_id is not None:
        query = query.where(CallBack.case_id == asked.case_id)
    if asked.state == "waiting":
        query = query.where(_waits(), _is_time(viewer) if asked.case_id is None else true())
        query = query.order_by(CallBack.kind != Kind.PROMISE, CallBack.due_at, CallBack.id)
    else:
        query = query.where(CallBack.state == asked.state).order_by(CallBack.id.desc())
    rows = session().execute(query.limit(asked.limit)).all()
    return CallBackList(items=[card_of(task, of) for task, of in rows], waiting=_count(_waits()))


def to_do(viewer: Principal, limit: int = 100) -> list[CallBackCard]:
    return listed(viewer, CallBackQuery(limit=limit)).items


def satisfaction(of: ColumnElement[bool], since: datetime) -> tuple[int, int]:
    """满意率 of the cases that `of` selects: how many answered, and how many of them are satisfied.

    A citizen answers once: what was said in the call counts, else the rating by SMS or on the page.
    """
    content = func.coalesce(func.sum(case((CallBack.satisfied >= SATISFIED_FROM, 1), else_=0)), 0)
    asked = select(func.count(), content).select_from(CallBack).join(Case, Case.id == CallBack.case_id)
    answered, satisfied = (
        session().execute(asked.where(of, CallBack.done_at >= since, CallBack.satisfied.is_not(None))).one()
    )
    called = exists().where(
        CallBack.case_id == Case.id, CallBack.round == Case.reopens, CallBack.satisfied.is_not(None)
    )
    rated = select(func.count(), func.coalesce(func.sum(case((Case.rating >= SATISFIED_FROM, 1), else_=0)), 0))
    rated = rated.select_from(Case)
    own, pleased = _pair(rated.where(of, Case.closed_at >= since, Case.rating.is_not(None), ~called))
    return answered + own, satisfied + pleased


def figures(viewer: Principal) -> FollowUpFigures:
    now = clock.now()
    since, seen = now - COUNTED, visible(viewer)
    surveys = _row(_counts(), since, seen)
    answered, satisfied = satisfaction(seen, since)
    return FollowUpFigures(
        contact_rate=_rate(surveys["reached"], surveys["reached"] + surveys["unreachable"]),
        solved_rate=_rate(surveys["solved"], surveys["judged"]),
        satisfaction=_rate(satisfied, answered),
        answers=answered,
        repeats=surveys["repeats"],
        waiting=_count(_waits()),
        overdue=_count(_waits() & (CallBack.due_at < now)),
    )


def _counts() -> dict[str, ColumnElement[bool]]:
    """A repeat counts as asked and not solved; only surveys count as calls that somebody answered or did not."""
    is_survey = CallBack.kind == Kind.SURVEY
    return {
        "reached": is_survey & (CallBack.state == Task.DONE),
        "unreachable": is_survey & (CallBack.state == Task.UNREACHABLE),
        "judged": CallBack.solved.is_not(None),
        "solved": CallBack.solved.is_(True),
        "repeats": CallBack.kind == Kind.REPEAT,
    }


def _row(counted: dict[str, ColumnElement[bool]], since: datetime, seen: ColumnElement[bool]) -> dict[str, Any]:
    columns = [column.label(name) for name, column in zip(counted, _sums(*counted.values()), strict=True)]
    query = select(*columns).select_from(CallBack).join(Case, Case.id == CallBack.case_id)
    return dict(session().execute(query.where(CallBack.done_at >= since, seen)).mappings().one())


def _sums(*conditions: ColumnElement[bool]) -> list[ColumnElement[int]]:
    return [func.coalesce(func.sum(case((each, 1), else_=0)), 0) for each in conditions]


def _pair(query: Select[int, int]) -> tuple[int, int]:
    first, second = session().execute(query).one()
    return first, second


def _count(which: ColumnElement[bool]) -> int:
    return session().scalar(select(func.count()).select_from(CallBack).where(which)) or 0


def _waits() -> ColumnElement[bool]:
    return CallBack.state.in_(WAITING)


def _is_time(viewer: Principal) -> ColumnElement[bool]:
    return or_(CallBack.next_at <= clock.now(), and_(CallBack.state == Task.CLAIMED, CallBack.claimed_by == viewer.id))


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
