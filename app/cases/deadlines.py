"""A case's deadline and lamp, from the catalogue's clocks. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.catalogue.calendars import WorkCalendar, moment_text
from app.catalogue.clocks import (
    ACCEPTANCE,
    DISPATCH,
    VERIFICATION,
    WARN_AT,
    Clock,
    Lamp,
    Limit,
    advance,
    due_at,
    hours_text,
    measure,
    resume,
)

__all__ = [
    "ACCEPTANCE",
    "DISPATCH",
    "VERIFICATION",
    "CaseDeadline",
    "Running",
    "deadline_of",
    "lamp",
    "limit_text",
    "promise_warning",
]

# A promise's lamp turns yellow for its last fifth, but not days ahead [judged].
LONGEST_WARNING = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class CaseDeadline:
    due_at: datetime
    yellow_at: datetime
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A limit under way, with the calendar it is counted on and its derivation so far."""

    due_at: datetime
    limit: Limit
    calendar: WorkCalendar
    extensions: int = 0
    steps: tuple[str, ...] = ()

    def extended(self) -> CaseDeadline:
        """延期: one original limit more, counted from the present deadline."""
        more = due_at(self.due_at, self.limit, self.calendar)
        nth = self.extensions + 1
        told = (*self.steps, f"第 {nth} 次延期，从原到期时间起再加一个原时限", *more.steps)
        return CaseDeadline(more.at, self._yellow(more.at, nth), told)

    def stopped(self, at: datetime, why: str) -> tuple[str, ...]:
        """The derivation with the line that says how much was left."""
        return (*self.steps, f"{moment_text(at)}{why}，停止计时，{self._left(at)}")

    def resumed(self, stopped: datetime, now: datetime, why: str) -> CaseDeadline:
        """The clock goes on with what was left; a deadline already missed stays where it was."""
        due = resume(self.due_at, stopped, now, self.limit.clock, self.calendar)
        told = (*self.steps, f"{moment_text(now)}{why}，恢复计时，{self._left(stopped)}", f"{moment_text(due)}到期")
        return CaseDeadline(due, self._yellow(due, self.extensions), told)

    def recounted(self, start: datetime, calendar: WorkCalendar) -> CaseDeadline:
        """Under another calendar: the working time that lay between `start` and the deadline lies there again."""
        left = measure(start, self.due_at, self.limit.clock, self.calendar)
        due = advance(start, left, self.limit.clock, calendar) if left > timedelta() else self.due_at
        told = (*self.steps, f"工作日历调整，从{moment_text(start)}起重新计算", f"{moment_text(due)}到期")
        return CaseDeadline(due, replace(self, calendar=calendar)._yellow(due, self.extensions), told)

    def _yellow(self, due: datetime, extensions: int) -> datetime:
        """When WARN_AT of the limit with its extensions is used, counted back from the deadline."""
        whole = self.limit.duration * (1 + extensions)
        return advance(due, whole * WARN_AT - whole, self.limit.clock, self.calendar)

    def _left(self, at: datetime) -> str:
        left = measure(at, self.due_at, self.limit.clock, self.calendar)
        return f"剩余 {hours_text(int(left.total_seconds()))}" if left > timedelta() else "已超期"


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


def promise_warning(opened: datetime, until: datetime) -> datetime:
    """When the lamp of what the caller was told turns yellow. A citizen's clock runs always."""
    return until - min(max(until - opened, timedelta()) * (1 - WARN_AT), LONGEST_WARNING)
