"""Districts by their published score, this month against last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app import clock
from app.cases.models import Case
from app.cases.terms import FED_BACK
from app.cases.workflow import AT_THE_UNIT, OPEN, State
from app.db import session
from app.network.areas import CITY_CODE
from app.network.queries import areas
from app.reports.schemas import RankLine
from app.reports.score import Counts, ratio, score


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What a viewer sees open in a district."""

    district: str
    cases: int
    overdue: int
    due_soon: int


def ranking(now: datetime, open_now: dict[str, int]) -> list[RankLine]:
    """Best first; districts that had nothing to resolve come last, without a place.

    The scores are published for all districts; how many cases are open, each viewer learns of the own ones.
    """
    this_month = clock.local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    current, before = _counts(this_month, now, now), _counts(last_month, this_month, now)
    earlier = _places({code: score(counts) for code, (counts, _) in before.items()})
    scores = {code: score(counts) for code, (counts, _) in current.items()}
    places = _places(scores)
    lines = [
        RankLine(
            code=area.code,
            name=area.name,
            score=scores.get(area.code),
            change=_change(places.get(area.code), earlier.get(area.code)),
            open=open_now.get(area.code, 0),
            on_time=current[area.code][1] if area.code in current else None,
        )
        for area in areas().children(CITY_CODE)
        if area.code in places or open_now.get(area.code)
    ]
    return sorted(lines, key=lambda line: places.get(line.code, len(places) + 1))


def _places(scores: dict[str, float | None]) -> dict[str, int]:
    known = sorted(((value, code) for code, value in scores.items() if value is not None), reverse=True)
    return {code: place for place, (_, code) in enumerate(known, start=1)}


def _change(place: int | None, earlier: int | None) -> int | None:
    return earlier - place if place and earlier else None


def open_work(seen: ColumnElement[bool], now: datetime) -> list[OpenWork]:
    at_work = Case.state.in_(AT_THE_UNIT)
    overdue = func.count().filter(at_work, Case.due_at <= now)
    due_soon = func.count().filter(at_work, Case.due_at > now, Case.yellow_at <= now)
    query = select(Case.district_code, func.count(), overdue, due_soon).where(seen, Case.state.in_(OPEN))
    return [OpenWork(code or "", *counts) for code, *counts in session().execute(query.group_by(Case.district_code))]


def _counts(start: datetime, end: datetime, now: datetime) -> dict[str, tuple[Counts, float | None]]:
    """By district, of the cases dispatched in the period; with the share resolved on time.

    What was returned has no dispatch any more and what is suspended no deadline: neither should be resolved. A case
    that was closed by force without a word of its unit is not resolved; a mark whose appeal was upheld does not count.
    """
    resolved = Case.state.in_(FED_BACK) & Case.fed_back_at.is_not(None)
    should_resolve = resolved | (Case.state == State.CLOSED) | (Case.due_at <= now)
    flags = {
        "should_resolve": should_resolve,
        "resolved": resolved,
        "on_time": resolved & ((Case.fed_back_at <= Case.due_at) | Case.overdue_exempt),
        "overdue_open": Case.state.in_(AT_THE_UNIT) & (Case.due_at <= now) & ~Case.overdue_exempt,
        "should_close": resolved | (Case.reworks > 0),
        "reworked": Case.reworks > 0,
        "extended": should_resolve & (Case.extensions > 0),
    }
    sums = [func.count().filter(flag).label(name) for name, flag in flags.items()]
    query = select(Case.district_code, *sums).where(
        Case.dispatched_at >= start, Case.dispatched_at < end, Case.state != State.VOID
    )
    rows = session().execute(query.group_by(Case.district_code)).mappings()
    return {str(row["district_code"]): _line(dict(row)) for row in rows if row["district_code"]}


def _line(row: dict[str, Any]) -> tuple[Counts, float | None]:
    counts = Counts(**{name: int(value) for name, value in row.items() if name != "district_code"})
    return counts, ratio(counts.on_time, counts.should_resolve)
