"""What is worth a supervisor's look: unsure suggestions, rare classes, sure ones that were overridden."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select

from app import clock
from app.accounts.roles import Permission, Principal
from app.catalogue.queries import catalogue
from app.db import session
from app.errors import Conflict, Forbidden, Invalid
from app.events.service import record
from app.learning.models import SuggestionOutcome
from app.learning.stamping import AUDIENCE
from app.learning.terms import OUT_OF_SCOPE

DAYS = 60
CONFIDENT = 0.8
UNSURE_MARGIN = 0.3
RARE = 5  # decisions in the time looked at
SHOWN = 24


class Queue(StrEnum):
    OVERRIDDEN = "overridden"  # 高把握被改
    UNSURE = "unsure"  # 拿不准
    RARE = "rare"  # 少见类别


def waiting(queue: Queue, limit: int = SHOWN) -> Sequence[SuggestionOutcome]:
    return session().scalars(_ranked(queue).limit(limit)).all()


def counts() -> dict[Queue, int]:
    return {queue: count(queue) for queue in Queue}


def count(queue: Queue) -> int:
    return session().scalar(select(func.count()).select_from(_ranked(queue).order_by(None).subquery())) or 0


def judge(actor: Principal, outcome_id: int, code: str) -> SuggestionOutcome:
    """The supervisor's word is the truth from now on; `code` may be OOS for what is no matter of the catalogue."""
    if not actor.may(Permission.REVIEW_SUGGESTIONS):
        raise Forbidden("您的角色不能审核分类")
    row = session().scalar(select(SuggestionOutcome).where(SuggestionOutcome.id == outcome_id).with_for_update())
    if row is None:
        raise Invalid("没有这条记录")
    if row.reviewed_at is not None:
        raise Conflict("这条已由他人审核")
    if code != OUT_OF_SCOPE and code not in catalogue():
        raise Invalid("请选择类别", fields={"code": "请选择类别"})
    row.truth_code, row.reviewed_by, row.reviewed_at = code, actor.id, clock.now()
    record(
        "suggestion.reviewed",
        subject=("suggestion", row.id),
        audience=AUDIENCE,
        payload={"by": actor.name, "name": code, "previous": row.chosen_code},
        actor_id=actor.id,
    )
    return row


def _ranked(queue: Queue) -> Select[SuggestionOutcome]:
    since = clock.now() - timedelta(days=DAYS)
    query = select(SuggestionOutcome).where(
        SuggestionOutcome.at >= since,
        SuggestionOutcome.reviewed_at.is_(None),
        SuggestionOutcome.suggested_code.is_not(None),
        ~SuggestionOutcome.is_void,
    )
    if queue is Queue.OVERRIDDEN:
        sure = query.where(SuggestionOutcome.is_overridden, SuggestionOutcome.confidence >= CONFIDENT)
        return sure.order_by(SuggestionOutcome.confidence.desc(), SuggestionOutcome.id.desc())
    if queue is Queue.UNSURE:
        near = query.where(SuggestionOutcome.margin < UNSURE_MARGIN)
        return near.order_by(SuggestionOutcome.margin, SuggestionOutcome.id.desc())
    few = (
        select(SuggestionOutcome.truth_code)
        .where(SuggestionOutcome.at >= since)
        .group_by(SuggestionOutcome.truth_code)
        .having(func.count() <= RARE)
    )
    return query.where(SuggestionOutcome.truth_code.in_(few)).order_by(SuggestionOutcome.at.desc())
