"""Gather: listen for keys and speech while prompts play."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin

from telephony.emulator.clock import Clock, cancel, within
from telephony.emulator.executor import Listening, Outcome, Step, perform, performs
from telephony.emulator.legs import call_parameters
from telephony.emulator.models import Heard, Listener
from telephony.emulator.transcription import CONFIDENCE
from telephony.emulator.twiml import Document, Element

PROMPTS = frozenset({"Say", "Play", "Pause"})
# Who has begun to speak may take as long as a long sentence takes.
SPEAKING_LIMIT = 60.0
CHOICE_OF_DIGITS = 1_000


@dataclass(frozen=True, slots=True)
class Rules:
    timeout: float
    count: int
    finish: str
    partial_url: str


def _rules(step: Step, element: Element) -> Rules:
    partial = element.get("partialResultCallback")
    return Rules(
        timeout=element.whole("timeout", 5, 0, 600),
        count=element.whole("numDigits", CHOICE_OF_DIGITS, 1, CHOICE_OF_DIGITS),
        finish=element.get("finishOnKey", "#"),
        partial_url=urljoin(step.document.url, partial) if partial else "",
    )


@performs("Gather")
async def gather(step: Step, element: Element) -> Outcome:
    """Falls through on silence; else leads to the action (the document itself if none is given)."""
    inputs = element.get("input", "dtmf").split()
    rules = _rules(step, element)
    with Listening(step.call, keys="dtmf" in inputs, speech="speech" in inputs) as listener:
        first = await _prompt(step, element, listener)
        told = await _collect(step, listener, rules, first)
    if not told and not element.flag("actionOnEmptyResult"):
        return None
    return step.to(element.get("action"), element.get("method", "POST"), told or {"Digits": ""})


async def _prompt(step: Step, element: Element, listener: Listener) -> Heard | None:
    """Play what is nested until it ends or the caller barges in; returns that first input."""
    nested = Document(step.document.url, step.document.method, element.children)
    prompts = asyncio.ensure_future(perform(step.office, step.call, nested, PROMPTS))
    heard = asyncio.ensure_future(listener.heard.get())
    try:
        await asyncio.wait({prompts, heard}, return_when=asyncio.FIRST_COMPLETED)
        if not heard.done():
            return None
        if not prompts.done():
            step.call.tell({"type": "hush"})
        return heard.result()
    finally:
        await cancel(prompts, heard)


async def _collect(step: Step, listener: Listener, rules: Rules, first: Heard | None) -> dict[str, str]:
    """Digits or SpeechResult; empty if there was neither."""
    digits = ""
    heard = first or await _next(step.office.clock, listener, rules.timeout)
    while heard is not None:
        if heard.key:
            if heard.key in rules.finish:
                break
            digits += heard.key
            if len(digits) >= rules.count:
                break
        elif heard.is_final and not digits:
            return {"SpeechResult": heard.text, "Confidence": str(CONFIDENCE)}
        else:
            _tell_partial(step, rules, heard)
        heard = await _next(step.office.clock, listener, rules.timeout if heard.key else SPEAKING_LIMIT)
    return {"Digits": digits} if digits else {}


async def _next(clock: Clock, listener: Listener, seconds: float) -> Heard | None:
    try:
        return await within(clock, seconds, listener.heard.get())
    except TimeoutError:
        return None


def _tell_partial(step: Step, rules: Rules, heard: Heard) -> None:
    if rules.partial_url:
        told = call_parameters(step.office, step.call) | {"UnstableSpeechResult": heard.text, "Stability": "0.8"}
        step.office.callbacks.tell(step.call.sid, rules.partial_url, "POST", told)
