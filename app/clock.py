"""The one place that reads the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)


def now() -> datetime:
    """Aware UTC."""
    return _frozen.get() or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The moment on the city's wall clock."""
    return moment.astimezone(CITY)


def start_of_day(moment: datetime) -> datetime:
    """Midnight of the city's day that holds the moment, as UTC."""
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the city in which telephones stay silent; may run over midnight, the same hour twice is never."""

    begins: int
    ends: int

    def hold(self, moment: datetime) -> bool:
        hour = local(moment).hour
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends

    def end_after(self, moment: datetime) -> datetime:
        """The moment itself, or when the quiet hours that hold it are over."""
        if not self.hold(moment):
            return moment
        end = local(moment).replace(hour=self.ends, minute=0, second=0, microsecond=0)
        return (end if end > local(moment) else end + timedelta(days=1)).astimezone(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let time stand still; for tests and for stories told about the past."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
