"""The one place that reads the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
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


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let time stand still; for tests and for stories told about the past."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
