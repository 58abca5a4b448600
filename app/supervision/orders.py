"""领导督办 and 网上督办: a requirement put on a case, its own deadline, and the unit's reply."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from app import clock
from app.accounts.roles import SYSTEM, Principal
from app.cases import service as cases
from app.cases.models import Case
from app.cases.schemas import ActionFacts
from app.cases.terms import Action
from app.db import session
from app.errors import Invalid
from app.events.models import Event
from app.events.service import on
from app.supervision.ladder import Post
from app.supervision.lamps import StageClock
from app.supervision.models import Reminder, SupervisionOrder
from app.supervision.posts import Posts
from app.supervision.reminders import add_reminders
from app.supervision.watching import place_of


class OrderKind(StrEnum):
    TIMEOUT = "timeout"  # 超时督办
    LEADER = "leader"  # 领导督办
    IMPORTANT = "important"  # 重要案件督办


# 一级 is the gravest; the time a unit has for its answer when nobody sets one [judged].
LEVELS = {1: timedelta(hours=4), 2: timedelta(hours=12), 3: timedelta(hours=24)}
LONGEST_TEXT = 500
MOST_LATE = 200
_WHOSE = load_only(Case.unit_id, Case.community_code, Case.street_code, Case.district_code)


@dataclass(frozen=True, slots=True)
class OrderFields:
    requirement: str
    kind: OrderKind = OrderKind.LEADER
    level: int = 3
    needs_reply: bool = True
    due_at: datetime | None = None


def order(actor: Principal, case_id: int, fields: OrderFields) -> SupervisionOrder:
    """The step of the workflow, and what was asked for. Who may is the workflow's to say."""
    due = _check(fields)
    cases.act(actor, case_id, Action.SUPERVISE, facts=ActionFacts(reason=fields.requirement.strip()))
    made = _last_of(case_id)
    made.kind, made.level, made.needs_reply, made.due_at = fields.kind, fields.level, fields.needs_reply, due
    if not fields.needs_reply:
        made.state = "told"
    session().flush()
    return made


def order_for_timeout(case_id: int) -> SupervisionOrder:
    return order(SYSTEM, case_id, OrderFields("已严重超期，请立即处置并说明原因", OrderKind.TIMEOUT, level=2))


@on("case.supervised")
def keep_order(event: Event) -> None:
    """Whichever door it came through: the supervisors' page, the API, or the sweep."""
    case = session().get_one(Case, event.subject_id)
    now = clock.now()
    made = SupervisionOrder(
        case_id=case.id,
        event_id=event.id,
        kind=OrderKind.LEADER if event.actor_id else OrderKind.TIMEOUT,
        requirement=str(event.payload.get("text", "")),
        due_at=now + LEVELS[3],
        unit_id=case.unit_id,
        made_by=event.actor_id,
        made_at=now,
    )
    session().add(made)
    session().flush()


@on("case.supervision_replied")
def keep_reply(event: Event) -> None:
    """One answer serves all that are open: the unit has told where the case stands."""
    for each in open_orders(event.subject_id):
        each.state, each.reply = "replied", str(event.payload.get("text", ""))
        each.replied_by, each.replied_at = event.actor_id, event.at


@on("case.closed", "case.forced_closed", "case.rejected", "case.voided")
def let_go(event: Event) -> None:
    """An ended case takes no answer any more: nobody is to be reminded of one."""
    if session().get_one(Case, event.subject_id).supervisions:
        for each in open_orders(event.subject_id):
            each.state = "ended"


def open_orders(case_id: int) -> Sequence[SupervisionOrder]:
    query = select(SupervisionOrder).where(SupervisionOrder.case_id == case_id, SupervisionOrder.state == "open")
    return session().scalars(query.order_by(SupervisionOrder.id)).all()


def orders_of(case_ids: Sequence[int]) -> dict[int, list[SupervisionOrder]]:
    found: dict[int, list[SupervisionOrder]] = {}
    query = select(SupervisionOrder).where(SupervisionOrder.case_id.in_(case_ids)).order_by(SupervisionOrder.id)
    for each in session().scalars(query):
        found.setdefault(each.case_id, []).append(each)
    return found


def remind_of_late(now: datetime) -> None:
    """Unanswered at its deadline: the unit and its head, or who is to dispatch it, and whoever ordered it; once."""
    told = select(Reminder.id).where(
        Reminder.case_id == SupervisionOrder.case_id,
        Reminder.clock == StageClock.ORDER.value,
        Reminder.mark == SupervisionOrder.due_at,
    )
    query = select(SupervisionOrder, Case).join(Case, Case.id == SupervisionOrder.case_id).options(_WHOSE)
    query = query.where(SupervisionOrder.state == "open", SupervisionOrder.due_at <= now, ~told.exists())
    late = session().execute(query.order_by(SupervisionOrder.due_at).limit(MOST_LATE)).all()
    if late:
        posts = Posts()
        add_reminders([row for each, case in late for row in _reminders(each, case, now, posts)])


def _reminders(late: SupervisionOrder, case: Case, now: datetime, posts: Posts) -> Iterator[dict[str, Any]]:
    """Whoever has the case now: the unit that had it when the order was given may have returned it."""
    names = [
        *posts.recipients(Post.HANDLER, case.unit_id, ""),
        *posts.recipients(Post.HEAD, case.unit_id, ""),
        *(posts.recipients(Post.DISPATCHER, None, place_of(case)) if case.unit_id is None else ()),
        *([f"account:{late.made_by}"] if late.made_by else []),
    ]
    for name in dict.fromkeys(names):
        yield {
            "case_id": late.case_id,
            "clock": StageClock.ORDER.value,
            "percent": 100,
            "mark": late.due_at,
            "recipient": name,
            "at_night": False,
            "created_at": now,
        }


def _check(fields: OrderFields) -> datetime:
    faults = {}
    if not 4 <= len(fields.requirement.strip()) <= LONGEST_TEXT:
        faults["requirement"] = f"请写明督办要求（4 至 {LONGEST_TEXT} 字）"
    if fields.level not in LEVELS:
        faults["level"] = "请选择督办级别"
    due = fields.due_at or clock.now() + LEVELS.get(fields.level, LEVELS[3])
    if due <= clock.now():
        faults["due_at"] = "答复时限须在将来"
    if faults:
        raise Invalid("请核对督办内容", fields=faults)
    return due


def _last_of(case_id: int) -> SupervisionOrder:
    query = select(SupervisionOrder).where(SupervisionOrder.case_id == case_id)
    return session().scalars(query.order_by(SupervisionOrder.id.desc()).limit(1)).one()
