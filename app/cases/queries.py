"""Reading cases. Every list goes through `visible`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy import case as first_true
from sqlalchemy.orm import InstrumentedAttribute, defer

from app import clock
from app.accounts.roles import Principal, Role
from app.cases.cursors import cursor_after, read_cursor
from app.cases.models import Attachment, Case, CaseRequest
from app.cases.schemas import CaseQuery
from app.cases.search import matching
from app.cases.terms import FED_BACK, RequestState
from app.cases.visibility import can_see, is_among, visible
from app.cases.workflow import AT_THE_UNIT, ENDED, OPEN, State
from app.catalogue.clocks import Lamp
from app.db import session
from app.errors import Invalid, NotFound


def _without(*columns: InstrumentedAttribute[Any]) -> list[Any]:
    return [defer(column, raiseload=True) for column in columns]


# Nobody reads these in a list, and what is sealed costs its unsealing.
_FOR_A_LINE = _without(
    Case.reporter_name,
    Case.reporter_phone,
    Case.routing,
    Case.deadline_steps,
    Case.returned_by,
    Case.result,
    Case.rating_comment,
)
AT_A_GLANCE = [*_FOR_A_LINE, *_without(Case.description, Case.suggestion)]


def find_case(viewer: Principal, case_id: int) -> Case:
    case = session().get(Case, case_id)
    if case is None or not can_see(viewer, case):
        raise NotFound("没有这个案件")
    return case


def find_attachment(viewer: Principal, attachment_id: int) -> Attachment:
    attachment = session().get(Attachment, attachment_id)
    if attachment is None:
        raise NotFound("没有这张照片")
    find_case(viewer, attachment.case_id)
    if attachment.hidden_at is not None and Role.SUPERVISOR not in viewer.roles:
        raise NotFound("没有这张照片")
    return attachment


def case_numbered(number: str) -> Case | None:
    return session().scalar(select(Case).where(Case.number == number.strip().upper()))


def case_by_token(token: str) -> Case | None:
    return session().scalar(select(Case).where(Case.link_token == token))


def page(viewer: Principal, asked: CaseQuery) -> tuple[Sequence[Case], str | None]:
    """Newest first; the cursor names the last row shown, so that new cases shift nothing."""
    query, before = _filtered(select(Case).where(visible(viewer)), viewer, asked), None
    if asked.cursor:
        before, last_id = read_cursor(asked.cursor)
        if before is None:
            raise Invalid("cursor 无效", fields={"cursor": "无效"})
        # Said twice: an index is entered at a bound, not at an OR.
        query = query.where(Case.opened_at <= before, (Case.opened_at < before) | (Case.id < last_id))
    if asked.q:
        query = matching(query, viewer, asked.q, before=before, limit=asked.limit + 1)
    newest = query.options(*AT_A_GLANCE).order_by(Case.opened_at.desc(), Case.id.desc())
    rows = session().scalars(newest.limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    return shown, cursor_after(shown[-1].opened_at, shown[-1].id) if len(rows) > asked.limit else None


def drafts(limit: int = 100) -> Sequence[Case]:
    """What waits for an agent: SMS, and what came back from 核实 or from the city. Oldest first."""
    query = select(Case).where(Case.state == State.REPORTED)
    return session().scalars(query.options(*_FOR_A_LINE).order_by(Case.opened_at).limit(limit)).all()


def filed_by(account_id: int, limit: int = 50) -> Sequence[Case]:
    query = select(Case).where(Case.agent_id == account_id).order_by(Case.opened_at.desc())
    return session().scalars(query.options(*AT_A_GLANCE).limit(limit)).all()


def of_caller(caller_hash: str, limit: int = 20) -> Sequence[Case]:
    query = select(Case).where(Case.reporter_hash == caller_hash).order_by(Case.opened_at.desc())
    return session().scalars(query.limit(limit)).all()


def unit_load(unit_id: int) -> tuple[int, float | None]:
    """Open cases at the unit, and the share of the last 90 days' that it handed in on time (None: nothing to judge)."""
    here = select(func.count()).select_from(Case).where(Case.unit_id == unit_id)
    at_work = here.where(Case.state.in_(AT_THE_UNIT)).scalar_subquery()
    in_time = func.count().filter(Case.fed_back_at <= Case.due_at)
    lately = (Case.closed_at >= clock.now() - timedelta(days=90)) & (Case.state == State.CLOSED)
    judged = select(at_work, func.count(), in_time).where(Case.unit_id == unit_id, lately)
    open_cases, total, on_time = session().execute(judged).one()
    return open_cases or 0, on_time / total if total else None


def _filtered(query: Select[Case], viewer: Principal, asked: CaseQuery) -> Select[Case]:
    if asked.state == "open":
        query = query.where(Case.state.in_(OPEN))
    elif asked.state:
        query = query.where(Case.state == asked.state)
    query = _on_side_paths(query, asked)
    if asked.unit is not None:
        query = query.where(Case.unit_id == asked.unit)
    if asked.mine:
        query = query.where(Case.agent_id == viewer.id)
    if asked.lamp:
        query = query.where(Case.state.notin_(ENDED), has_lamp(asked.lamp, clock.now()))
    return query


def _on_side_paths(query: Select[Case], asked: CaseQuery) -> Select[Case]:
    if asked.request:
        query = query.where(is_among(waiting_for(asked.request)))
    if asked.verification:
        query = query.where(Case.verification == asked.verification)
    return query.where(Case.state == State.FILED, Case.returns > 0) if asked.returned else query


def waiting_for(kind: str) -> Select[int]:
    """Cases whose unit waits for an answer."""
    pending = select(CaseRequest.case_id).where(CaseRequest.state == RequestState.PENDING)
    return pending if kind == "any" else pending.where(CaseRequest.kind == kind)


def has_lamp(colour: str, now: datetime) -> ColumnElement[bool]:
    """The card's lamp (`app.cases.deadlines.lamp`), as a condition on `Case`."""
    stopped = func.coalesce(first_true((Case.state.in_(FED_BACK), Case.fed_back_at)), Case.closed_at)
    if colour == Lamp.GREY:
        return or_(Case.due_at.is_(None), stopped <= Case.due_at)
    if colour == Lamp.RED:
        return (Case.due_at <= now) & or_(stopped.is_(None), stopped > Case.due_at)
    runs = (Case.due_at > now) & stopped.is_(None)
    is_yellow = func.coalesce(Case.yellow_at, Case.due_at) <= now
    return runs & (is_yellow if colour == Lamp.YELLOW else ~is_yellow)
