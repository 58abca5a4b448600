"""The carrier's time: real, accelerated, or moved by hand in tests."""

import asyncio
import heapq
import itertools
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...

    def standing(self) -> Any:
        """A context in which a hand-moved clock waits: real work outside (a webhook) is on its way."""


class RunningClock:
    """Real time, or `rate` times faster."""

    def __init__(self, rate: float = 1.0) -> None:
        self._rate = rate
        self._origin = datetime.now(UTC)

    def now(self) -> datetime:
        return self._origin + (datetime.now(UTC) - self._origin) * self._rate

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0) / self._rate)

    @contextmanager
    def standing(self) -> Iterator[None]:
        yield


class HandClock:
    """Moves only when told: a test decides when a timeout strikes."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._busy = 0

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), alarm))
        await alarm

    @contextmanager
    def standing(self) -> Iterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def advance(self, seconds: float, *, force: bool = False) -> None:
        """Let `seconds` pass, waking sleepers in order. Waits for webhooks on their way unless `force`."""
        end = self._now + timedelta(seconds=seconds)
        while True:
            await self._settle(force)
            if not self._sleepers or self._sleepers[0][0] > end:
                break
            due, _, alarm = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not alarm.done():
                alarm.set_result(None)
        self._now = end
        await self._settle(force)

    async def _settle(self, force: bool) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        while self._busy and not force:
            await asyncio.sleep(0.002)


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, or TimeoutError once `seconds` of carrier time have passed."""
    task = asyncio.ensure_future(work)
    bell = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, bell}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        await cancel(task, bell)


async def cancel(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel and wait until each has cleaned up behind itself."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
