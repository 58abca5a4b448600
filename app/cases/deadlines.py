"""A case's deadline and lamp, from the catalogue's clocks. Pure."""

from dataclasses import dataclass
from datetime import datetime

from app.catalogue.calendars import WorkCalendar
from app.catalogue.clocks import WARN_AT, Clock, Lamp, Limit, advance, due_at


@dataclass(frozen=True, slots=True)
class CaseDeadline:
    due_at: datetime
    yellow_at: datetime
    steps: tuple[str, ...]


def deadline_of(start: datetime, limit: Limit, calendar: WorkCalendar) -> CaseDeadline:
    """The handling limit runs from the dispatch; the lamp turns yellow at 80 % of it (domain.md §2, judged)."""
    deadline = due_at(start, limit, calendar)
    yellow = advance(start, limit.duration * WARN_AT, limit.clock, calendar)
    return CaseDeadline(deadline.at, yellow, deadline.steps)


def lamp(now: datetime, due: datetime | None, yellow: datetime | None, ended: datetime | None = None) -> Lamp:
    """Green, yellow, red; grey where no clock runs. A closed case keeps red if it closed late."""
    if due is None:
        return Lamp.GREY
    if ended is not None:
        return Lamp.RED if ended > due else Lamp.GREY
    if now >= due:
        return Lamp.RED
    return Lamp.YELLOW if yellow is not None and now >= yellow else Lamp.GREEN


def limit_text(value: int | None, unit: str | None) -> str:
    return Limit(value, Clock(unit)).text if value and unit else ""
