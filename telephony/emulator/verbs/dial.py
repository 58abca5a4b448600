"""Dial: connect the leg with numbers, clients, a queue or a conference."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urljoin

from telephony.emulator.callbacks import CallbackPlan
from telephony.emulator.clock import cancel, within
from telephony.emulator.conferences import EVERY_EVENT, confer
from telephony.emulator.executor import Listening, Outcome, Step, fly, notify, performs
from telephony.emulator.legs import hang_up, new_call, ring
from telephony.emulator.models import Call, Direction, Queue, Room, Terms
from telephony.emulator.office import Office
from telephony.emulator.recordings import begin_recording
from telephony.emulator.rooms import talk
from telephony.emulator.twiml import Element, Source
from telephony.emulator.verbs.enqueue import step_out
from telephony.emulator.verbs.record import callback_plan
from telephony.ports import CallStatus

DEFAULT_TIMEOUT = 30
LONGEST_TALK = 14400
Told = dict[str, str]


@performs("Dial")
async def dial(step: Step, element: Element) -> Outcome:
    """With an action the rest of the document is unreachable, answered or not."""
    work = _connection(step, element)
    try:
        told = await _limited(step, element, work)
    except asyncio.CancelledError:
        if element.get("action") and step.call.is_over:
            ended = {"DialCallStatus": CallStatus.COMPLETED.value}
            notify(step.office, step.call, _action(step, element, ended))
        raise
    return _action(step, element, told) if element.get("action") else None


def _connection(step: Step, element: Element) -> Coroutine[Any, Any, Told]:
    conference, queue = element.named("Conference"), element.named("Queue")
    if conference is not None:
        return _dial_conference(step, element, conference)
    if queue is not None:
        return _dial_queue(step, element, queue)
    return _dial_parties(step, element)


def _action(step: Step, element: Element, told: Told) -> Source:
    return step.to(element.get("action"), element.get("method", "POST"), told)


async def _limited(step: Step, element: Element, work: Coroutine[Any, Any, Told]) -> Told:
    """End by itself, by the time limit, or by the caller's star key."""
    limit = element.whole("timeLimit", LONGEST_TALK, 1, 86_400)
    ended = {"DialCallStatus": CallStatus.COMPLETED.value}
    try:
        if not element.flag("hangupOnStar"):
            return await within(step.office.clock, limit, work)
        with Listening(step.call, keys=True, speech=False) as listener:
            return await within(step.office.clock, limit, _until_star(work, listener.heard))
    except TimeoutError:
        return ended


async def _until_star(work: Coroutine[Any, Any, Told], heard: "asyncio.Queue[Any]") -> Told:
    async def star() -> None:
        while (await heard.get()).key != "*":
            pass

    talking, starring = asyncio.ensure_future(work), asyncio.ensure_future(star())
    try:
        await asyncio.wait({talking, starring}, return_when=asyncio.FIRST_COMPLETED)
        return talking.result() if talking.done() else {"DialCallStatus": CallStatus.COMPLETED.value}
    finally:
        await cancel(talking, starring)


# --- conference --------------------------------------------------------------------------------------------------


async def _dial_conference(step: Step, element: Element, noun: Element) -> Told:
    # After a conference neither DialCallSid nor DialCallDuration is told.
    await confer(step.office, step.call, noun.text, _terms(step, noun))
    return {"DialCallStatus": CallStatus.COMPLETED.value}


def _terms(step: Step, noun: Element) -> Terms:
    wait = None
    if "waitUrl" in noun.attributes:
        url = noun.get("waitUrl")
        wait = Source(urljoin(step.document.url, url) if url else "", noun.get("waitMethod", "POST").upper())
    return Terms(
        label=noun.get("participantLabel"),
        muted=noun.flag("muted"),
        starts=noun.flag("startConferenceOnEnter", True),
        ends=noun.flag("endConferenceOnExit"),
        coach=noun.get("coach"),
        wait=wait,
        most=noun.whole("maxParticipants", 250, 2, 250),
        record=noun.get("record") in ("record-from-start", "true"),
        callback=conference_callback(step, noun),
        recording=callback_plan(step, noun),
    )


def conference_callback(step: Step, noun: Element) -> CallbackPlan:
    url = noun.get("statusCallback")
    events = frozenset(noun.get("statusCallbackEvent").split()) & EVERY_EVENT
    return CallbackPlan(
        urljoin(step.document.url, url) if url else "", noun.get("statusCallbackMethod", "POST"), events
    )


# --- queue -------------------------------------------------------------------------------------------------------


async def _dial_queue(step: Step, element: Element, noun: Element) -> Told:
    """Take the longest waiting caller; an empty queue is waited for as long as a phone would ring."""
    queue = step.office.queue_named(noun.text)
    seconds = element.whole("timeout", DEFAULT_TIMEOUT, 5, 600)
    try:
        await within(step.office.clock, seconds, _arrival(queue))
    except TimeoutError:
        return {"DialCallStatus": CallStatus.NO_ANSWER.value}
    waiter, room = queue.waiters[0], Room()
    step_out(step.office, waiter)
    waiter.taken.set_result(room)
    return await _talk(step, element, room, waiter.call)


async def _arrival(queue: Queue) -> None:
    while not queue.waiters:
        queue.arrival.clear()
        await queue.arrival.wait()


async def _talk(step: Step, element: Element, room: Room, other: Call) -> Told:
    if element.get("record", "do-not-record") not in ("do-not-record", "false"):
        room.recording = begin_recording(step.office, "DialVerb", callback_plan(step, element), call_sid=step.call.sid)
    began = step.office.clock.now()
    await talk(step.office, room, step.call)
    seconds = round((step.office.clock.now() - began).total_seconds())
    return {
        "DialCallStatus": CallStatus.COMPLETED.value,
        "DialCallSid": other.sid,
        "DialCallDuration": str(seconds),
        "DialBridged": "true",
    }


# --- numbers and clients -----------------------------------------------------------------------------------------


async def _dial_parties(step: Step, element: Element) -> Told:
    legs = [_leg(step, element, noun) for noun in element.children if noun.name in ("Number", "Client")]
    if not legs and element.text:
        legs = [_leg(step, element, Element("Number", {}, element.text))]
    if not legs:
        return {"DialCallStatus": CallStatus.FAILED.value}
    seconds = element.whole("timeout", DEFAULT_TIMEOUT, 5, 600)
    try:
        step.call.tell({"type": "ringback"})
        winner = await _first_to_answer(step.office, legs, seconds)
        if winner is None:
            return {"DialCallStatus": _outcome(legs).value, "DialCallSid": legs[0].sid}
        return await _bridge(step, element, winner)
    finally:
        for leg in legs:
            hang_up(step.office, leg)


def _leg(step: Step, element: Element, noun: Element) -> Call:
    url = noun.get("statusCallback")
    events = frozenset(noun.get("statusCallbackEvent", "completed").split())
    plan = CallbackPlan(
        urljoin(step.document.url, url) if url else "", noun.get("statusCallbackMethod", "POST"), events
    )
    identity = noun.named("Identity")
    address = identity.text if identity is not None else noun.text
    called = f"client:{address}" if noun.name == "Client" else address
    caller = element.get("callerId") or step.call.caller
    leg = new_call(step.office, caller, called, Direction.OUTBOUND_DIAL, plan, step.call.sid)
    for parameter in noun.children:
        if parameter.name == "Parameter":
            leg.extra[parameter.get("name")] = parameter.get("value")
    return leg


async def _first_to_answer(office: Office, legs: list[Call], seconds: float) -> Call | None:
    """Ring all at once; the first who picks up wins and the others stop ringing."""
    ringing = {asyncio.ensure_future(ring(office, leg, seconds)): leg for leg in legs}
    waiting = set(ringing)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            winners = [ringing[task] for task in done if task.result() is CallStatus.IN_PROGRESS]
            if winners:
                return winners[0]
        return None
    finally:
        await cancel(*waiting)


def _outcome(legs: list[Call]) -> CallStatus:
    """What the caller is told when nobody answered: the most hopeful of the attempts."""
    outcomes = {leg.status for leg in legs}
    for status in (CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.CANCELED):
        if status in outcomes:
            return status
    return CallStatus.FAILED


async def _bridge(step: Step, element: Element, leg: Call) -> Told:
    room = Room()
    step.office.spawn(fly(step.office, leg, talk(step.office, room, leg)))
    return await _talk(step, element, room, leg)
