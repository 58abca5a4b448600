"""Enqueue: wait in a queue until taken, sent elsewhere, fed up or let go."""

import asyncio
from typing import Any
from urllib.parse import urljoin

from telephony.emulator.clock import cancel
from telephony.emulator.executor import (
    ApplicationError,
    End,
    Outcome,
    Step,
    notify,
    performs,
    play_waiting,
)
from telephony.emulator.models import Call, Queue, Room, Waiter
from telephony.emulator.office import Office
from telephony.emulator.rooms import talk
from telephony.emulator.twiml import Element, Source
from telephony.ports import QueueResult

LONGEST_NAME = 64
# A wait document that takes no time would be asked for without end.
SHORTEST_ROUND = 1.0


@performs("Enqueue")
async def enqueue(step: Step, element: Element) -> Outcome:
    name = element.text[:LONGEST_NAME]
    if not name:
        return _after(step, element, {"QueueResult": QueueResult.ERROR})
    queue = step.office.queue_named(name)
    if len(queue.waiters) >= queue.size:
        return _after(step, element, {"QueueResult": QueueResult.QUEUE_FULL})
    waiter = _line_up(step.office, queue, step.call)
    try:
        result = await _wait(step, element, waiter)
    except asyncio.CancelledError:
        _tell_gone(step, element, waiter, _why_cancelled(waiter))
        raise
    finally:
        step_out(step.office, waiter)
    if result is QueueResult.HANGUP:
        _tell_gone(step, element, waiter, result)
        return End.HANG_UP
    return _after(step, element, _told(step.office, waiter, result))


def _line_up(office: Office, queue: Queue, call: Call) -> Waiter:
    waiter = Waiter(call, queue, office.clock.now(), asyncio.get_running_loop().create_future())
    call.waiter = waiter
    queue.waiters.append(waiter)
    queue.arrival.set()
    call.tell({"type": "queued", "name": queue.name, "position": len(queue.waiters)})
    return waiter


def step_out(office: Office, waiter: Waiter) -> None:
    """Out of the line: taken, left or gone. Does nothing the second time."""
    if waiter in waiter.queue.waiters:
        waiter.queue.waiters.remove(waiter)
        waiter.waited = _seconds(office, waiter)
        waiter.queue.waits.append(waiter.waited)
    if waiter.call.waiter is waiter:
        waiter.call.waiter = None
    if not waiter.queue.waiters:
        waiter.queue.arrival.clear()


async def _wait(step: Step, element: Element, waiter: Waiter) -> QueueResult:
    music: asyncio.Future[Any] = asyncio.ensure_future(_music(step, element, waiter))
    try:
        awaited: set[asyncio.Future[Any]] = {music, waiter.taken}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await cancel(music)
    if waiter.taken.done():
        return await _bridge(step, waiter.taken.result())
    try:
        end = music.result()
    except ApplicationError:
        return QueueResult.ERROR
    return QueueResult.LEAVE if end is End.LEAVE else QueueResult.HANGUP


async def _bridge(step: Step, room: Room) -> QueueResult:
    step.call.tell({"type": "music", "on": False})
    await talk(step.office, room, step.call)
    return QueueResult.BRIDGED


async def _music(step: Step, element: Element, waiter: Waiter) -> End:
    """Wait documents again and again until one says Leave or Hangup."""
    url = element.get("waitUrl")
    if not url:
        step.call.tell({"type": "music", "on": True})
        await asyncio.Event().wait()
    source = Source(urljoin(step.document.url, url), element.get("waitUrlMethod", "POST").upper())
    while True:
        before = step.office.clock.now()
        end = await play_waiting(step.office, step.call, source, _place(step.office, waiter))
        if end is not None:
            return end
        spent = (step.office.clock.now() - before).total_seconds()
        if spent < SHORTEST_ROUND:
            await step.office.clock.sleep(SHORTEST_ROUND - spent)


def _place(office: Office, waiter: Waiter) -> dict[str, str]:
    queue = waiter.queue
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.waiters.index(waiter) + 1),
        "QueueTime": str(_seconds(office, waiter)),
        "AvgQueueTime": str(queue.average_wait),
        "CurrentQueueSize": str(len(queue.waiters)),
    }


def _seconds(office: Office, waiter: Waiter) -> int:
    return round((office.clock.now() - waiter.since).total_seconds())


def _tell_gone(step: Step, element: Element, waiter: Waiter, result: QueueResult) -> None:
    """The leg is elsewhere already: the action is told, its answer does not matter."""
    if element.get("action"):
        notify(step.office, step.call, _action(step, element, _told(step.office, waiter, result)))


def _why_cancelled(waiter: Waiter) -> QueueResult:
    if waiter.call.is_over:
        return QueueResult.HANGUP if not waiter.taken.done() else QueueResult.BRIDGED
    return QueueResult.REDIRECTED_FROM_BRIDGED if waiter.taken.done() else QueueResult.REDIRECTED


def _told(office: Office, waiter: Waiter, result: QueueResult) -> dict[str, str]:
    return {
        "QueueResult": result.value,
        "QueueSid": waiter.queue.sid,
        "QueueTime": str(_seconds(office, waiter) if waiter.waited is None else waiter.waited),
    }


def _action(step: Step, element: Element, told: dict[str, str]) -> Source:
    return step.to(element.get("action"), element.get("method", "POST"), told)


def _after(step: Step, element: Element, told: dict[str, str]) -> Outcome:
    """Without an action the next verb follows."""
    return _action(step, element, told) if element.get("action") else None
