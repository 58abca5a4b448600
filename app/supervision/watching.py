"""Keeping a case's lamp: worked out when the case moves, and by the sweep when its time has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Protocol, cast

from sqlalchemy import BigInteger, Executable, Integer, String, Table, delete, func, literal, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite

from app import clock, stamps
from app.cases.models import Case
from app.cases.terms import ENDED, OPEN
from app.catalogue.clocks import Clock, Limit
from app.catalogue.queries import calendar
from app.db import session
from app.events.models import Event
from app.events.service import on_all
from app.network.areas import CITY_CODE
from app.supervision.ladder import DEFAULT_LADDER, Alarm, Post, Rung, alarms, fitting
from app.supervision.lamps import ANSWERS_FOR, RANKS, Running, StageClock, Watched, running
from app.supervision.models import CaseWatch, LadderRung

_LADDER = "ladder"
# A row for each rung: whoever puts one up or takes one down changes what every process keeps.
stamps.register(
    _LADDER,
    select(
        sql_cast(literal(_LADDER), String).label("kind"),
        sql_cast(LadderRung.id, String).label("name"),
        sql_cast(LadderRung.id, BigInteger).label("row_id"),
        (
            LadderRung.area_code
            + "|"
            + LadderRung.class_code
            + "|"
            + LadderRung.recipient
            + sql_cast(LadderRung.percent * 10 + sql_cast(LadderRung.at_night, Integer), String)
        ).label("stamp"),
    ),
)
# These may start another clock, stop one or move it; all other steps leave every lamp as it was.
MOVES = (
    "case.opened",
    "case.filed",
    "case.verification_asked",
    "case.verified",
    "case.denied",
    "case.rejection_proposed",
    "case.rejected",
    "case.rejection_overruled",
    "case.dispatched",
    "case.deadline_moved",
    "case.reassigned",
    "case.returned",
    "case.extension_granted",
    "case.suspended",
    "case.resumed",
    "case.fed_back",
    "case.checked",
    "case.check_failed",
    "case.closed",
    "case.closing_overruled",
    "case.reopened",
    "case.forced_closed",
    "case.voided",
)


@on_all(*MOVES)
def follow(events: Sequence[Event]) -> None:
    """Steps taken at once are one move: the case stands already where the last one left it."""
    look_at(session().get_one(Case, events[-1].subject_id))


def look_at(case: Case) -> None:
    """Writes the watch anew; an ended case needs none."""
    if case.state in ENDED:
        session().execute(delete(CaseWatch).where(CaseWatch.case_id == case.id))
        return
    upsert([row_of(plan_of(case), clock.now())])


class Planned(Watched, Protocol):
    """What a plan is made from: a case's row, or the columns of it that count here."""

    id: int
    unit_id: int | None
    class_code: str | None
    district_code: str | None
    street_code: str | None
    community_code: str | None
    limit_value: int | None
    limit_unit: str | None
    extensions: int
    extensions_before: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The clock that runs for a case, and all rungs of its ladder, reached or not."""

    case: Planned
    at_work: Running
    alarms: list[Alarm]

    def reached(self, now: datetime) -> list[Alarm]:
        return [alarm for alarm in self.alarms if alarm.at <= now]


def plan_of(case: Planned) -> Plan:
    at_work = running(case)
    return Plan(case, at_work, _alarms_of(case, at_work))


def row_of(plan: Plan, now: datetime) -> dict[str, Any]:
    """The watch as it stands at this moment."""
    case, at_work = plan.case, plan.at_work
    lamp = at_work.lamp(now)
    moments = [at_work.yellow_at, at_work.due_at, *(alarm.at for alarm in plan.alarms)]
    return {
        "case_id": case.id,
        "lamp": lamp.value,
        "rank": RANKS[lamp],
        "is_assigned": case.unit_id is not None,
        "clock": at_work.clock.value,
        "due_at": at_work.due_at,
        "next_at": min((moment for moment in moments if moment is not None and moment > now), default=None),
    }


def _alarms_of(case: Planned, at_work: Running) -> list[Alarm]:
    if at_work.due_at is None:
        return []
    if at_work.clock is not StageClock.LIMIT:
        # Two urgent hours would be over by the morning, and nobody has the case.
        at_night = at_work.clock is StageClock.DISPATCH and case.limit_unit == Clock.URGENT_HOUR
        return [Alarm(Rung(100, ANSWERS_FOR[at_work.clock], at_night=at_night), at_work.due_at)]
    if case.limit_value is None or case.limit_unit is None:
        return [Alarm(Rung(100, Post.HANDLER), at_work.due_at)]
    limit = Limit(case.limit_value, Clock(case.limit_unit))
    rungs = fitting(ladder(), place_of(case), case.class_code or "")
    extensions = case.extensions - case.extensions_before
    return alarms(rungs, at_work.due_at, limit, extensions, calendar(case.district_code or ""))


def place_of(case: Planned) -> str:
    """A message whose place nobody has understood yet is the city's."""
    return case.community_code or case.street_code or case.district_code or CITY_CODE


def ladder() -> tuple[Rung, ...]:
    """As edited; the default one where nobody has put up any rung."""
    return _load_ladder(tuple(sorted((row_id, stamp) for row_id, stamp in stamps.current(_LADDER).values())))


@lru_cache(maxsize=4)
def _load_ladder(stamped: tuple[tuple[int, str], ...]) -> tuple[Rung, ...]:
    """Kept by the process for as long as the rungs are these."""
    if not stamped:
        return DEFAULT_LADDER
    rows = session().scalars(select(LadderRung).order_by(LadderRung.id))
    return tuple(Rung(row.percent, Post(row.recipient), row.area_code, row.class_code, row.at_night) for row in rows)


def forget_ladder() -> None:
    """After an edit: read again, and let the next sweep look at every case anew."""
    stamps.forget()
    session().execute(update(CaseWatch).where(CaseWatch.due_at.is_not(None)).values(next_at=clock.now()))


def find_unwatched(limit: int = 2000) -> int:
    """Open cases that nobody watches: imported ones, and those older than this table."""
    watched = select(CaseWatch.case_id).where(CaseWatch.case_id == Case.id).exists()
    query = select(Case).where(Case.state.in_(OPEN), ~watched).limit(limit)
    now = clock.now()
    # What was due long ago is due now: the sweep takes it up from here.
    rows = [{**row, "next_at": now} for row in (row_of(plan_of(case), now) for case in session().scalars(query))]
    upsert(rows)
    return len(rows)


def upsert(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session().execute(_upsert(session().get_bind().dialect.name == "postgresql"), list(rows))


@cache
def _upsert(is_postgresql: bool) -> Executable:
    """Made once: every step of every case writes its watch."""
    table = cast("Table", CaseWatch.__table__)
    statement = (postgresql if is_postgresql else sqlite).insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    made: Executable = statement.on_conflict_do_update(index_elements=["case_id"], set_=changed)
    return made


def count_watched() -> int:
    return session().scalar(select(func.count()).select_from(CaseWatch)) or 0
