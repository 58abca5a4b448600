"""Status callbacks: told and forgotten, in order per subject unless the chaos switch says otherwise."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from telephony.emulator.chaos import Chaos, disorder
from telephony.emulator.clock import Clock
from telephony.emulator.sids import rfc2822
from telephony.emulator.webhooks import Errand, Postman, WebhookFailed


@dataclass(frozen=True, slots=True)
class CallbackPlan:
    """Where to tell what: `events` are the short names (`join`, `completed`); empty URL = nobody is told."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset()

    def wants(self, event: str) -> bool:
        return bool(self.url) and event in self.events


NOBODY = CallbackPlan()


class Callbacks:
    def __init__(self, postman: Postman, clock: Clock, chaos: Chaos) -> None:
        self._postman = postman
        self._clock = clock
        self._chaos = chaos
        self._random = Random(96310)
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Errand] = []

    def tell(self, subject: str, url: str, method: str, parameters: Mapping[str, str]) -> None:
        """Queue one callback behind the earlier ones about `subject`."""
        errand = Errand(url, method or "POST", dict(parameters))
        if self._chaos.shuffle:
            self._hold(errand)
            return
        task = self._spawn(self._tell_after(self._tails.get(subject), errand, self._chaos.delay, self._chaos.repeat))
        self._tails[subject] = task
        task.add_done_callback(lambda done: self._forget(subject, done))

    def timestamp(self) -> str:
        return rfc2822(self._clock.now()) or ""

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _forget(self, subject: str, task: "asyncio.Task[None]") -> None:
        if self._tails.get(subject) is task:
            del self._tails[subject]

    async def _tell_after(
        self, earlier: "asyncio.Task[None] | None", errand: Errand, delay: float, repeat: int
    ) -> None:
        if delay:
            await self._clock.sleep(delay)
        if earlier is not None:
            await asyncio.wait({earlier})
        for _ in range(1 + repeat):
            await self._post(errand)

    async def _post(self, errand: Errand) -> None:
        try:
            await self._postman.deliver(errand)
        except WebhookFailed:
            return  # it is in the log; a status callback is never asked for an answer and never repeated

    def _hold(self, errand: Errand) -> None:
        self._held.append(errand)
        if len(self._held) == 1:
            self._spawn(self._release(self._chaos.window, self._chaos.repeat))

    async def _release(self, window: float, repeat: int) -> None:
        await self._clock.sleep(window)
        held, self._held = self._held, []
        order = disorder([n for n in range(len(held)) for _ in range(1 + repeat)], self._random)
        for n in order:
            await self._post(held[n])
