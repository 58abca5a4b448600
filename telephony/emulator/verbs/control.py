"""Redirect, Hangup, Reject, Leave, Start, Stop: where a document leads, and what runs beside it."""

from urllib.parse import urljoin

from telephony.emulator.executor import End, Outcome, Step, performs
from telephony.emulator.legs import hang_up
from telephony.emulator.transcription import start_transcription, stop_transcriptions
from telephony.emulator.twiml import Element
from telephony.ports import CallStatus


@performs("Redirect")
async def redirect(step: Step, element: Element) -> Outcome:
    return step.to(element.text, element.get("method", "POST"))


@performs("Hangup")
async def hangup(step: Step, element: Element) -> Outcome:
    return End.HANG_UP


@performs("Reject")
async def reject(step: Step, element: Element) -> Outcome:
    """Only a call that was not answered yet can be rejected; later it is simply hung up."""
    if step.call.started is None:
        is_busy = element.get("reason", "rejected") == "busy"
        hang_up(step.office, step.call, CallStatus.BUSY if is_busy else CallStatus.NO_ANSWER)
    return End.HANG_UP


@performs("Leave")
async def leave(step: Step, element: Element) -> Outcome:
    return End.LEAVE if step.call.waiter is not None else None


@performs("Start")
async def start(step: Step, element: Element) -> Outcome:
    noun = element.named("Transcription")
    if noun is not None:
        start_transcription(
            step.office,
            step.call,
            url=urljoin(step.document.url, noun.get("statusCallbackUrl")) if noun.get("statusCallbackUrl") else "",
            method=noun.get("statusCallbackMethod", "POST"),
            name=noun.get("name"),
            track=noun.get("track", "both_tracks"),
            language=noun.get("languageCode", "en-US"),
            partial=noun.flag("partialResults"),
        )
    return None


@performs("Stop")
async def stop(step: Step, element: Element) -> Outcome:
    noun = element.named("Transcription")
    if noun is not None:
        stop_transcriptions(step.office, step.call, noun.get("name"))
    return None
