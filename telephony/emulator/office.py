"""The carrier's exchange: everything that is open at the moment, and the services every part uses."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from telephony.emulator.callbacks import Callbacks
from telephony.emulator.chaos import Chaos
from telephony.emulator.clock import Clock
from telephony.emulator.config import Settings
from telephony.emulator.models import Call, Conference, Line, Message, Queue, Recording
from telephony.emulator.sids import new_sid
from telephony.emulator.webhooks import Postman

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Office:
    settings: Settings
    clock: Clock
    chaos: Chaos
    postman: Postman
    callbacks: Callbacks
    calls: dict[str, Call] = field(default_factory=dict)
    conferences: dict[str, Conference] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    @property
    def api_path(self) -> str:
        return f"/2010-04-01/Accounts/{self.settings.account_sid}"

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """A background task that lives until it ends or the carrier does."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a call's task failed", exc_info=task.exception())

    def conference_named(self, name: str) -> Conference | None:
        """The one running under this friendly name; ended ones stay listed but are never joined again."""
        return next((c for c in self.conferences.values() if c.name == name and c.status != "completed"), None)

    def open_conference(self, name: str) -> Conference:
        found = self.conference_named(name)
        if found is None:
            now = self.clock.now()
            found = Conference(sid=new_sid("CF"), name=name, created=now, updated=now)
            self.conferences[found.sid] = found
        return found

    def queue_named(self, name: str) -> Queue:
        found = next((q for q in self.queues.values() if q.name == name), None)
        if found is None:
            found = Queue(new_sid("QU"), name, self.clock.now())
            self.queues[found.sid] = found
        return found

    async def close(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.callbacks.close()
        await self.postman.close()


def open_office(settings: Settings, clock: Clock, chaos: Chaos | None = None) -> Office:
    chaos = chaos or Chaos()
    postman = Postman(clock, settings.auth_token)
    return Office(settings, clock, chaos, postman, Callbacks(postman, clock, chaos))
