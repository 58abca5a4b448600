"""What the wallboard shows. Ratios are 0..1, None where there is nothing to divide by."""

from datetime import datetime

from pydantic import BaseModel

from app.cases.schemas import CaseCard, Moment
from app.desk.cards import SeatCard
from app.incidents.schemas import IncidentCard


class Tiles(BaseModel):
    calls_today: int
    calls_last_week_same_day: int
    connection_rate: float | None
    service_level: float | None
    waiting: int
    longest_wait_since: Moment | None
    cases_today: int
    dispatch_rate: float | None
    open_cases: int
    closed_today: int
    overdue: int
    due_soon: int
    satisfaction: float | None
    surveys: int


class QueueLine(BaseModel):
    name: str
    waiting: int
    longest_wait_since: Moment | None
    talking: int
    ready: int
    service_level: float | None


class Count(BaseModel):
    name: str
    count: int


class DistrictLine(BaseModel):
    code: str
    name: str
    open: int


class Hotspot(BaseModel):
    name: str
    count: int
    lng: float
    lat: float


class CallCurve(BaseModel):
    """Calls per half hour of the city's day; None for half hours that have not begun."""

    slots: list[str]
    today: list[int | None]
    last_week: list[int]
    forecast: list[float | None]


class RankLine(BaseModel):
    """`score` is the published one of domain.md §4; `change` in places against last month (up is positive)."""

    code: str
    name: str
    score: float | None
    change: int | None
    open: int
    on_time: float | None


class OverdueCase(CaseCard):
    reminders: int


class WallFigures(BaseModel):
    server_time: Moment
    as_of: Moment
    tiles: Tiles
    queues: list[QueueLine]
    seats: list[SeatCard]
    top_classes: list[Count]
    districts: list[DistrictLine]
    hotspots: list[Hotspot]
    call_curve: CallCurve
    overdue: list[OverdueCase]
    ranking: list[RankLine]
    incidents: list[IncidentCard]


class Period(BaseModel):
    """Half-open, UTC."""

    start: datetime
    end: datetime
