"""The sweep: whose time has come, what lamp they show now, and whom that concerns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app import clock
from app.cases.models import Case
from app.db import session
from app.supervision import orders
from app.supervision.ladder import Alarm, Post
from app.supervision.models import CaseWatch, SupervisionOrder
from app.supervision.posts import Posts
from app.supervision.reminders import add_reminders
from app.supervision.unverified import remind_of_unverified
from app.supervision.watching import Plan, ladder, place_of, plan_of, row_of, upsert

# One transaction's worth: with 20,000 cases due at once each bite stays short, the next sweep takes the next.
BITE = 500


@dataclass(slots=True)
class Due:
    """What a plan is made from, without the reporter's sealed name and number and without the ORM's weight."""

    id: int
    state: str
    unit_id: int | None
    class_code: str | None
    district_code: str | None
    street_code: str | None
    community_code: str | None
    limit_value: int | None
    limit_unit: str | None
    extensions: int
    extensions_before: int
    due_at: datetime | None
    yellow_at: datetime | None
    accept_due_at: datetime | None
    verify_due_at: datetime | None
    dispatch_due_at: datetime | None
    check_due_at: datetime | None


_DUE = select(*(getattr(Case, field.name) for field in fields(Due))).join(CaseWatch, CaseWatch.case_id == Case.id)


def sweep() -> int:
    """Returns how many cases were looked at. Unassigned first, then oldest first. Safe to run twice, or in parallel."""
    now = clock.now()
    plans = [plan_of(case) for case in _due(now)]
    if plans:
        posts = Posts()
        add_reminders([row for plan in plans for row in _reminders(plan, now, posts)])
        upsert([row_of(plan, now) for plan in plans])
        _order(plans, now)
    orders.remind_of_late(now)
    remind_of_unverified(now)
    return len(plans)


def _due(now: datetime) -> list[Due]:
    query = _DUE.where(CaseWatch.next_at <= now).order_by(CaseWatch.is_assigned, CaseWatch.next_at).limit(BITE)
    # Whoever takes a step holds the case and writes its watch next; to give an order is such a step, and must not
    # want the case of somebody who wants our watch.
    held = [CaseWatch, Case] if any(rung.post is Post.ORDER for rung in ladder()) else [CaseWatch]
    rows = session().execute(query.with_for_update(of=held, skip_locked=True, key_share=True))
    return [Due(*row) for row in rows]


def _reminders(plan: Plan, now: datetime, posts: Posts) -> Iterator[dict[str, Any]]:
    """Of all rungs reached the highest for each recipient: whoever was asleep needs no 50 % beside the 100 %."""
    case, at_work = plan.case, plan.at_work
    highest: dict[str, Alarm] = {}
    for alarm in plan.reached(now):
        for name in posts.recipients(alarm.rung.post, case.unit_id, place_of(case)):
            highest[name] = max(highest.get(name, alarm), alarm, key=lambda each: each.rung.percent)
    for name, alarm in highest.items():
        yield {
            "case_id": case.id,
            "clock": at_work.clock.value,
            "percent": alarm.rung.percent,
            "mark": at_work.due_at,
            "recipient": name,
            "at_night": alarm.rung.at_night,
            "created_at": now,
        }


def _order(plans: Sequence[Plan], now: datetime) -> None:
    """超时督办: once for each deadline missed by so much."""
    late = [plan.case.id for plan in plans if any(alarm.rung.post is Post.ORDER for alarm in plan.reached(now))]
    if not late:
        return
    ordered = select(SupervisionOrder.case_id).join(Case, Case.id == SupervisionOrder.case_id)
    ordered = ordered.where(
        SupervisionOrder.case_id.in_(late), SupervisionOrder.kind == "timeout", SupervisionOrder.made_at >= Case.due_at
    )
    for case_id in sorted(set(late) - set(session().scalars(ordered))):
        orders.order_for_timeout(case_id)
