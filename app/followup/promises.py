"""What the citizen was told: said, changed, and seen to. The first promise is the deadline of the filing."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import defer

from app import clock
from app.accounts.roles import Principal
from app.cases.deadlines import LONGEST_WARNING, promise_warning
from app.cases.models import Case
from app.cases.rows import locked, record
from app.cases.terms import OPEN
from app.cases.visibility import visible
from app.catalogue.calendars import moment_text
from app.catalogue.clocks import Lamp
from app.db import session
from app.errors import IllegalAction, Invalid
from app.followup.models import CallBack, Kind, Promise

LONGEST = timedelta(days=366)


def make(actor: Principal, case_id: int, until: datetime, words: str = "", version: int | None = None) -> Case:
    """An agent has told the citizen another time; the lamp and the call-back follow it from now on."""
    case = locked(actor, case_id, version)
    promise(actor, case, until, words)
    return case


def promise(actor: Principal, case: Case, until: datetime, words: str = "") -> None:
    """On a row already held."""
    now = clock.now()
    if case.state not in OPEN:
        raise IllegalAction("案件已办结，不能再承诺办结时间")
    if not now < until <= now + LONGEST:
        raise Invalid("承诺的时间须晚于现在，且不超过一年", fields={"until": "请选择将来的时间"})
    case.promised_until = until
    said = words or told(case)
    session().add(Promise(case_id=case.id, until=until, text=said, made_by=actor.id or 0, at=now))
    record(actor, case, [("case.promised", said)])


def told(case: Case) -> str:
    """The words for what the citizen was told last."""
    return f"已告知市民：{moment_text(case.promised_until)}前办结" if case.promised_until else ""


def lamp_of(case: Case, now: datetime) -> Lamp | None:
    """None where nothing was promised or all is done."""
    if case.promised_until is None or case.state not in OPEN:
        return None
    if case.promised_until <= now:
        return Lamp.RED
    return Lamp.YELLOW if promise_warning(case.opened_at, case.promised_until) <= now else Lamp.GREEN


def rounds() -> ColumnElement[int]:
    """How many promises a case has seen: those made by agents, and one with each reopening."""
    said = select(func.count()).select_from(Promise).where(Promise.case_id == Case.id)
    return said.correlate(Case).scalar_subquery() + Case.reopens


def missed(now: datetime, limit: int) -> Sequence[tuple[Case, int]]:
    """Open cases whose promise has passed and whose citizen nobody has been asked to call; the oldest first, held.

    Whoever left no number or wants no calls cannot be told.
    """
    nth = rounds()
    made = exists().where(CallBack.case_id == Case.id, CallBack.kind == Kind.PROMISE, CallBack.round == nth)
    query = (
        select(Case, nth)
        .where(Case.state.in_(OPEN), Case.promised_until <= now, Case.reporter_hash.is_not(None))
        .where(Case.callback_consent, ~made)
        .order_by(Case.promised_until, Case.id)
        .limit(limit)
        .options(defer(Case.reporter_phone), defer(Case.reporter_name))
        .with_for_update(of=Case, skip_locked=True)
    )
    return [(case, int(nth)) for case, nth in session().execute(query)]


def near(viewer: Principal, lamp: Lamp | None, limit: int) -> Iterator[tuple[Case, Lamp]]:
    """Promises that are missed or nearly so, the oldest first; of a colour if one is named."""
    now = clock.now()
    for case in session().scalars(_near(viewer, lamp, now, limit)):
        colour = lamp_of(case, now)
        if colour in (Lamp.YELLOW, Lamp.RED) and lamp in (None, colour):
            yield case, colour


def _near(viewer: Principal, lamp: Lamp | None, now: datetime, limit: int) -> Select[Case]:
    """Yellow never begins more than the longest warning ahead, so that an index finds all that may be yellow."""
    query = select(Case).where(visible(viewer), Case.state.in_(OPEN), Case.promised_until <= now + LONGEST_WARNING)
    if lamp is not None:
        query = query.where(Case.promised_until <= now if lamp is Lamp.RED else Case.promised_until > now)
    return query.order_by(Case.promised_until, Case.id).limit(limit)
