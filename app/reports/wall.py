"""The wallboard's figures, counted in the database with a fixed number of queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from app import clock
from app.accounts.roles import Principal
from app.calls.models import Call
from app.cases.cards import card_of
from app.cases.models import Case
from app.cases.queries import AT_A_GLANCE
from app.cases.visibility import is_of_city, sees_everything, visible
from app.cases.workflow import AT_THE_UNIT, State
from app.db import session
from app.desk import queries as desk
from app.followup.queries import COUNTED, satisfaction
from app.incidents import queries as incidents
from app.incidents.cards import cards_of
from app.network.areas import CITY_CODE
from app.network.queries import areas
from app.reports import curve
from app.reports.ranking import OpenWork, open_work, ranking
from app.reports.schemas import (
    CallCurve,
    Count,
    DistrictLine,
    Hotspot,
    OverdueCase,
    QueueLine,
    Tiles,
    WallFigures,
)

OVERDUE_SHOWN = 12
TOP_CLASSES = 6
HOTSPOTS = 8

Seen = ColumnElement[bool]


def wall_figures(viewer: Principal) -> WallFigures:
    now, seen = clock.now(), visible(viewer)
    today = clock.start_of_day(now)
    desk_now, open_now = desk.figures(today), open_work(seen, now)
    counts = {each.district: each.cases for each in open_now}
    return WallFigures(
        server_time=now,
        as_of=now,
        tiles=_tiles(seen, now, open_now, desk_now),
        queues=[
            QueueLine(
                name="城管热线",
                waiting=desk_now.waiting,
                longest_wait_since=desk_now.longest_wait_since,
                talking=desk_now.talking,
                ready=desk_now.ready,
                service_level=desk_now.service_level,
            )
        ],
        seats=desk.seat_cards(),
        top_classes=_top_classes(seen, now),
        districts=_districts(viewer, counts),
        hotspots=_hotspots(seen, now),
        call_curve=_call_curve(now, today),
        overdue=_overdue(seen, now),
        ranking=ranking(now, counts),
        incidents=cards_of(incidents.active(viewer)),
    )


def _tiles(seen: Seen, now: datetime, open_now: list[OpenWork], desk_now: desk.DeskFigures) -> Tiles:
    today = clock.start_of_day(now)
    filed, dispatched = _filed_since(seen, today)
    answered, satisfied = satisfaction(seen, now - COUNTED)
    ended = desk_now.answered + desk_now.abandoned
    return Tiles(
        calls_today=_calls(today, now),
        calls_last_week_same_day=_calls(today - timedelta(days=7), now - timedelta(days=7)),
        connection_rate=desk_now.answered / ended if ended else None,
        service_level=desk_now.service_level,
        waiting=desk_now.waiting,
        longest_wait_since=desk_now.longest_wait_since,
        cases_today=filed,
        dispatch_rate=dispatched / filed if filed else None,
        open_cases=sum(each.cases for each in open_now),
        closed_today=_closed_since(seen, today),
        overdue=sum(each.overdue for each in open_now),
        due_soon=sum(each.due_soon for each in open_now),
        satisfaction=satisfied / answered if answered else None,
        surveys=answered,
    )


def _filed_since(seen: Seen, moment: datetime) -> tuple[int, int]:
    """How many, and how many of them are dispatched."""
    query = select(func.count(), func.count(Case.dispatched_at)).where(seen, Case.filed_at >= moment)
    filed, dispatched = session().execute(query).one()
    return filed, dispatched


def _closed_since(seen: Seen, moment: datetime) -> int:
    query = select(func.count()).select_from(Case).where(seen, Case.closed_at >= moment, Case.state == State.CLOSED)
    return session().scalar(query) or 0


def _calls(start: datetime, end: datetime) -> int:
    query = select(func.count()).select_from(Call).where(Call.started_at >= start, Call.started_at <= end)
    query = query.where(Call.is_outbound.is_(False))  # a call-back is nobody who rang
    return session().scalar(query) or 0


def _top_classes(seen: Seen, now: datetime) -> list[Count]:
    """Filed in the last 24 hours: early in the day, "today" would say little."""
    since = now - timedelta(hours=24)
    count = func.count().label("n")
    query = select(Case.class_name, count).where(seen, Case.filed_at >= since).group_by(Case.class_name)
    rows = session().execute(query.order_by(count.desc(), Case.class_name).limit(TOP_CLASSES))
    return [Count(name=name, count=n) for name, n in rows]


def _districts(viewer: Principal, counts: dict[str, int]) -> list[DistrictLine]:
    """Those of which the viewer sees at least a part: a nought for the others would be no figure."""
    return [
        DistrictLine(code=area.code, name=area.name, open=counts.get(area.code, 0))
        for area in areas().children(CITY_CODE)
        if sees_everything(viewer) or is_of_city(viewer) or viewer.area_code.startswith(area.code)
    ]


def _hotspots(seen: Seen, now: datetime) -> list[Hotspot]:
    """Streets with the most cases of the last 24 hours."""
    count = func.count().label("n")
    query = select(Case.street_code, count).where(seen, Case.filed_at >= now - timedelta(hours=24))
    rows = session().execute(query.group_by(Case.street_code).order_by(count.desc(), Case.street_code).limit(HOTSPOTS))
    found = ((areas().find(code), n) for code, n in rows)
    return [
        Hotspot(name=area.name, count=n, lng=area.lng, lat=area.lat)
        for area, n in found
        if area is not None and area.lng is not None and area.lat is not None
    ]


def _call_curve(now: datetime, today: datetime) -> CallCurve:
    counted = curve.per_slot(_starts(today, today + timedelta(days=1)))
    before = curve.per_slot(_starts(today - timedelta(days=7), today - timedelta(days=6)))
    done = curve.begun(now)
    return CallCurve(
        slots=curve.slots(),
        today=[n if i < done else None for i, n in enumerate(counted)],
        last_week=before,
        forecast=curve.forecast(counted, before, done),
    )


def _starts(start: datetime, end: datetime) -> Sequence[datetime]:
    query = select(Call.started_at).where(Call.started_at >= start, Call.started_at < end)
    return session().scalars(query.where(Call.is_outbound.is_(False))).all()


def _overdue(seen: Seen, now: datetime) -> list[OverdueCase]:
    """Longest overdue first, then what is about to be."""
    query = select(Case).where(seen, Case.state.in_(AT_THE_UNIT), Case.yellow_at <= now)
    rows = session().scalars(query.options(*AT_A_GLANCE).order_by(Case.due_at).limit(OVERDUE_SHOWN))
    return [OverdueCase(**dict(card_of(each)), reminders=each.urges) for each in rows]
