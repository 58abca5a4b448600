"""Carrying out TwiML: fetch a document, perform its verbs one after the other, follow where they lead.

The verbs themselves live in `verbs/`; each registers under its element name.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

from telephony.emulator.legs import call_parameters, hang_up, set_status
from telephony.emulator.models import Call, Listener
from telephony.emulator.office import Office
from telephony.emulator.speech import say_to
from telephony.emulator.twiml import BadTwiml, Document, Element, Source, read_answer, read_twiml, resolve
from telephony.emulator.webhooks import Errand, WebhookFailed
from telephony.ports import CallStatus

log = logging.getLogger(__name__)

MOST_DOCUMENTS_WITHOUT_TIME = 50
APOLOGY = "We are sorry, an application error has occurred. Goodbye."
# Before these the caller still hears the ringing tone; everything else answers the call.
DOES_NOT_ANSWER = frozenset({"Reject", "Redirect", "Start", "Stop"})
WAIT_VERBS = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
MUSIC_VERBS = frozenset({"Play", "Say", "Pause", "Redirect"})


class End(Enum):
    """How a document's execution ends besides leading to another one."""

    HANG_UP = "hang-up"
    LEAVE = "leave"


class ApplicationError(Exception):
    """Neither the URL nor its fallback gave a usable document."""


Outcome = Source | End | None  # None: go on with the next verb


@dataclass(frozen=True, slots=True)
class Step:
    """What a verb works with: the exchange, its leg, and the document it stands in."""

    office: Office
    call: Call
    document: Document

    def to(self, url: str, method: str, parameters: dict[str, str] | None = None) -> Source:
        """The next document, `url` resolved against this one; empty means this document's own URL."""
        return resolve(self.document, url, method or "POST", parameters)


Verb = Callable[[Step, Element], Awaitable[Outcome]]
VERBS: dict[str, Verb] = {}


def performs(name: str) -> Callable[[Verb], Verb]:
    def register(verb: Verb) -> Verb:
        VERBS[name] = verb
        return verb

    return register


# --- fetching ----------------------------------------------------------------------------------------------------


async def fetch(office: Office, call: Call, source: Source) -> Document:
    """The document of `source`, or that of the fallback URL. Raises ApplicationError."""
    try:
        return await _fetch(office, call, source)
    except (WebhookFailed, BadTwiml) as failure:
        log.warning("%s: %s", source.url, failure)
        if call.fallback is None:
            raise ApplicationError from failure
        told = {"ErrorCode": str(failure.code), "ErrorUrl": getattr(failure, "url", source.url)}
    try:
        return await _fetch(office, call, Source(call.fallback.url, call.fallback.method, told))
    except (WebhookFailed, BadTwiml) as failure:
        log.warning("fallback %s: %s", call.fallback.url, failure)
        raise ApplicationError from failure


async def _fetch(office: Office, call: Call, source: Source) -> Document:
    if source.twiml is not None:
        return read_twiml(source.twiml, source.url, source.method)
    plain = call_parameters(office, call)
    reply = await office.postman.deliver(Errand(source.url, source.method, {**plain, **source.parameters}, plain))
    return read_answer(reply.body, reply.content_type, reply.url, reply.method)


def notify(office: Office, call: Call, source: Source) -> None:
    """Request an action URL whose answer can no longer matter, because the leg has gone elsewhere."""

    async def post() -> None:
        plain = call_parameters(office, call)
        try:
            await office.postman.deliver(Errand(source.url, source.method, {**plain, **source.parameters}, plain))
        except WebhookFailed as failure:
            log.warning("%s: %s", source.url, failure)

    office.spawn(post())


# --- performing --------------------------------------------------------------------------------------------------


async def execute(office: Office, call: Call, source: Source) -> None:
    """Run the call's documents until one ends without leading on; then the call is hung up by `fly`."""
    following: Source | End | None = source
    quick = 0
    try:
        while isinstance(following, Source):
            document = await fetch(office, call, following)
            before = office.clock.now()
            following = await perform(office, call, document)
            quick = quick + 1 if office.clock.now() == before else 0
            if quick > MOST_DOCUMENTS_WITHOUT_TIME:
                raise ApplicationError("documents redirect in circles")
        if call.started is None:
            set_status(office, call, CallStatus.IN_PROGRESS)  # an empty document answers and hangs up
    except ApplicationError:
        await _apologise(office, call)


async def _apologise(office: Office, call: Call) -> None:
    if not call.started:
        set_status(office, call, CallStatus.IN_PROGRESS)
    say_to(office, call, APOLOGY, "en-US")
    await office.clock.sleep(len(APOLOGY) * office.settings.seconds_per_character / 2)


async def perform(
    office: Office, call: Call, document: Document, allowed: frozenset[str] | None = None
) -> Source | End | None:
    """Perform the verbs in order. A verb that is unknown or not allowed here is skipped with a warning."""
    step = Step(office, call, document)
    for element in document.verbs:
        verb = VERBS.get(element.name)
        if verb is None or (allowed is not None and element.name not in allowed):
            log.warning("12200 %s: <%s> is not allowed here", document.url, element.name)
            continue
        if call.started is None and element.name not in DOES_NOT_ANSWER:
            set_status(office, call, CallStatus.IN_PROGRESS)
        outcome = await verb(step, element)
        if outcome is not None:
            return outcome
    return None


async def play_once(office: Office, call: Call, source: Source) -> None:
    """A conference's or a hold's music document and what it redirects to, once. Errors are silence."""
    try:
        await _run_music(office, call, source, MUSIC_VERBS, {})
    except ApplicationError as error:
        log.warning("no music from %s: %s", source.url, error.__cause__)


async def play_waiting(office: Office, call: Call, source: Source, parameters: dict[str, str]) -> End | None:
    """One round of a queue's wait document. Raises ApplicationError when it cannot be had."""
    return await _run_music(office, call, source, WAIT_VERBS, parameters)


async def _run_music(
    office: Office, call: Call, source: Source, allowed: frozenset[str], parameters: dict[str, str]
) -> End | None:
    following: Source | End | None = source
    while isinstance(following, Source):
        asked = Source(following.url, following.method, {**following.parameters, **parameters})
        try:
            document = await _fetch(office, call, asked)
        except (WebhookFailed, BadTwiml) as failure:
            raise ApplicationError from failure
        following = await perform(office, call, document, allowed)
    return following


# --- a leg's life ------------------------------------------------------------------------------------------------


async def fly(office: Office, call: Call, work: Coroutine[Any, Any, None]) -> None:
    """Carry out `work`, then go wherever REST updates send the leg, then hang it up."""
    while True:
        call.pilot = office.spawn(work)
        await asyncio.wait({call.pilot})
        failed = not call.pilot.cancelled() and call.pilot.exception() is not None
        turn, call.turn = call.turn, None
        if failed or turn is None or call.is_over:
            break
        work = execute(office, call, turn)
    hang_up(office, call)


class Listening:
    """The leg listens inside this block; its phone is told, so that it can show it."""

    def __init__(self, call: Call, *, keys: bool, speech: bool) -> None:
        self._call = call
        self._listener = Listener(keys, speech)

    def __enter__(self) -> Listener:
        self._call.listener = self._listener
        self._call.tell({"type": "listening", "keys": self._listener.keys, "speech": self._listener.speech})
        return self._listener

    def __exit__(self, *_: object) -> None:
        if self._call.listener is self._listener:
            self._call.listener = None
            self._call.tell({"type": "listening", "keys": False, "speech": False})
