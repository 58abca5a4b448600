"""Reading cases. Every list goes through `visible`."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases.models import Attachment, Case
from app.cases.schemas import CaseQuery, NearbyQuery
from app.cases.similarity import likeness
from app.cases.visibility import can_see, visible
from app.cases.workflow import AT_THE_UNIT, ENDED, OPEN, State
from app.db import session
from app.errors import Invalid, NotFound
from app.privacy import fingerprint
from telephony.numbers import normalise

NEARBY_DAYS = 30
NEARBY_SHOWN = 5


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
    return attachment


def case_numbered(number: str) -> Case | None:
    return session().scalar(select(Case).where(Case.number == number.strip().upper()))


def case_by_token(token: str) -> Case | None:
    return session().scalar(select(Case).where(Case.link_token == token))


def page(viewer: Principal, asked: CaseQuery) -> tuple[Sequence[Case], str | None]:
    """Newest first; the cursor names the last row shown, so that new cases shift nothing."""
    query = _filtered(select(Case).where(visible(viewer)), viewer, asked)
    if asked.cursor:
        opened, last_id = _read_cursor(asked.cursor)
        query = query.where((Case.opened_at < opened) | ((Case.opened_at == opened) & (Case.id < last_id)))
    rows = session().scalars(query.order_by(Case.opened_at.desc(), Case.id.desc()).limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    return shown, _cursor(shown[-1]) if len(rows) > asked.limit else None


def at_unit(viewer: Principal, unit_id: int, limit: int = 500) -> Sequence[Case]:
    """What the unit has on its desk: overdue first, then by deadline; then what it handed in or closed lately."""
    mine = select(Case).where(visible(viewer), Case.unit_id == unit_id)
    at_work = mine.where(Case.state.in_(AT_THE_UNIT)).order_by(Case.due_at).limit(limit)
    lately = Case.closed_at >= clock.now() - timedelta(days=7)
    handed_in = mine.where(or_(Case.state == State.CHECKING, lately & (Case.state == State.CLOSED)))
    return [*session().scalars(at_work), *session().scalars(handed_in.order_by(Case.due_at.desc()).limit(200))]


def to_check(viewer: Principal, limit: int = 300) -> Sequence[Case]:
    query = select(Case).where(visible(viewer), Case.state == State.CHECKING)
    return session().scalars(query.order_by(Case.fed_back_at).limit(limit)).all()


def drafts(limit: int = 100) -> Sequence[Case]:
    """SMS waiting for an agent, oldest first."""
    query = select(Case).where(Case.state == State.REPORTED, Case.source == "sms")
    return session().scalars(query.order_by(Case.opened_at).limit(limit)).all()


def filed_by(account_id: int, limit: int = 50) -> Sequence[Case]:
    query = select(Case).where(Case.agent_id == account_id).order_by(Case.opened_at.desc())
    return session().scalars(query.limit(limit)).all()


def of_caller(caller_hash: str, limit: int = 20) -> Sequence[Case]:
    query = select(Case).where(Case.reporter_hash == caller_hash).order_by(Case.opened_at.desc())
    return session().scalars(query.limit(limit)).all()


def nearby(asked: NearbyQuery, caller_hash: str | None) -> list[tuple[Case, float, bool]]:
    """Cases of the same major class in the same street within 30 days, likest first; (case, 0..1, same caller)."""
    since = clock.now() - timedelta(days=NEARBY_DAYS)
    query = select(Case).where(
        Case.class_code.startswith(asked.class_code[:3], autoescape=True),
        Case.opened_at >= since,
        Case.state.notin_([State.VOID, State.REPORTED]),
        Case.street_code == asked.street if asked.street else Case.district_code == asked.district,
    )
    rows = session().scalars(query.order_by(Case.opened_at.desc()).limit(200)).all()
    scored = [(case, likeness(asked, case), bool(caller_hash) and case.reporter_hash == caller_hash) for case in rows]
    close = [row for row in scored if row[1] >= 0.35 or (row[2] and row[1] >= 0.25)]
    return sorted(close, key=lambda row: (row[2], row[1]), reverse=True)[:NEARBY_SHOWN]


def unit_load(unit_id: int) -> tuple[int, float | None]:
    """Open cases at the unit, and the share of the last 90 days' that it handed in on time (None: nothing to judge)."""
    here = select(func.count()).select_from(Case).where(Case.unit_id == unit_id)
    open_cases = session().scalar(here.where(Case.state.in_(AT_THE_UNIT))) or 0
    judged = here.where(Case.closed_at >= clock.now() - timedelta(days=90), Case.state == State.CLOSED)
    total = session().scalar(judged) or 0
    on_time = session().scalar(judged.where(Case.fed_back_at <= Case.due_at)) or 0
    return open_cases, on_time / total if total else None


def _filtered(query: Select[Case], viewer: Principal, asked: CaseQuery) -> Select[Case]:
    if asked.state == "open":
        query = query.where(Case.state.in_(OPEN))
    elif asked.state:
        query = query.where(Case.state == asked.state)
    if asked.unit is not None:
        query = query.where(Case.unit_id == asked.unit)
    if asked.mine:
        query = query.where(Case.agent_id == viewer.id)
    if asked.lamp:
        query = query.where(Case.state.notin_(ENDED), _has_lamp(asked.lamp))
    return query.where(_matches(viewer, asked.q)) if asked.q else query


def _has_lamp(colour: str) -> ColumnElement[bool]:
    now = clock.now()
    if colour == "red":
        return Case.due_at <= now
    if colour == "yellow":
        return (Case.due_at > now) & (Case.yellow_at <= now)
    return Case.yellow_at > now


def _matches(viewer: Principal, words: str) -> ColumnElement[bool]:
    """By number, address, class or, for those who may know callers, by telephone number."""
    grounds = [
        Case.number.startswith(words.upper(), autoescape=True),
        Case.address.contains(words, autoescape=True),
        Case.class_name.contains(words, autoescape=True),
    ]
    phone = normalise(words) if viewer.may(Permission.SEE_REPORTERS) else None
    if phone:
        grounds.append(Case.reporter_hash == fingerprint(phone))
    return or_(*grounds)


def _cursor(case: Case) -> str:
    return base64.urlsafe_b64encode(json.dumps([case.opened_at.isoformat(), case.id]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        opened, last_id = json.loads(base64.urlsafe_b64decode(cursor))
        moment = datetime.fromisoformat(opened)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment, int(last_id)
    except (ValueError, TypeError, binascii.Error):
        raise Invalid("cursor 无效", fields={"cursor": "无效"}) from None
