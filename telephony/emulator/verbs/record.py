"""Record: a message after the tone."""

import asyncio
from urllib.parse import urljoin

from telephony.emulator.callbacks import CallbackPlan
from telephony.emulator.clock import within
from telephony.emulator.executor import Listening, Outcome, Step, notify, performs
from telephony.emulator.models import Heard, Listener, Recording
from telephony.emulator.recordings import add_sound, begin_recording, finish_recording, recording_url
from telephony.emulator.twiml import Element

DEFAULT_SILENCE = 5
LONGEST = 3600
# Who types a sentence is not silent; the pause after it is what counts.
SPEAKING_LIMIT = 60.0


def callback_plan(step: Step, element: Element) -> CallbackPlan:
    """The recordingStatusCallback of a Record, Dial or Conference element."""
    url = element.get("recordingStatusCallback")
    return CallbackPlan(
        urljoin(step.document.url, url) if url else "",
        element.get("recordingStatusCallbackMethod", "POST"),
        frozenset(element.get("recordingStatusCallbackEvent", "completed").split()),
    )


@performs("Record")
async def record(step: Step, element: Element) -> Outcome:
    """Nothing said: falls through without asking the action, as Twilio does with an empty recording."""
    if element.flag("playBeep", True):
        step.call.tell({"type": "beep"})
    recording = begin_recording(step.office, "RecordVerb", callback_plan(step, element), call_sid=step.call.sid)
    try:
        with Listening(step.call, keys=True, speech=True) as listener:
            ended_by = await _listen(step, element, listener, recording)
    except asyncio.CancelledError:
        # The caller hung up (or was sent elsewhere): the message so far counts.
        step.office.spawn(_finish_and_notify(step, element, recording))
        raise
    await _finish(step, recording)
    if recording.status == "absent":
        return None
    return step.to(element.get("action"), element.get("method", "POST"), _facts(step, recording, ended_by))


async def _listen(step: Step, element: Element, listener: Listener, recording: Recording) -> str:
    """The key that ended it, or empty."""
    longest = element.whole("maxLength", LONGEST, 1, 14400)
    silence = element.whole("timeout", DEFAULT_SILENCE, 0, 600)
    finish = element.get("finishOnKey", "1234567890*#")

    async def until_quiet() -> str:
        wait = float(silence)
        while True:
            heard = await _next(step, listener, wait)
            if heard is None or (heard.key and heard.key in finish):
                return heard.key if heard else ""
            if heard.text and heard.is_final:
                add_sound(step.office, recording, step.call.sid, heard.text)
            wait = silence if heard.is_final else SPEAKING_LIMIT

    try:
        return await within(step.office.clock, longest, until_quiet())
    except TimeoutError:
        return ""


async def _next(step: Step, listener: Listener, seconds: float) -> Heard | None:
    try:
        return await within(step.office.clock, seconds, listener.heard.get())
    except TimeoutError:
        return None


async def _finish(step: Step, recording: Recording) -> None:
    if not recording.sounds:
        recording.status = "absent"
        return
    await finish_recording(step.office, recording)


async def _finish_and_notify(step: Step, element: Element, recording: Recording) -> None:
    await _finish(step, recording)
    if recording.status == "completed" and step.call.is_over:
        told = _facts(step, recording, "hangup")
        notify(step.office, step.call, step.to(element.get("action"), element.get("method", "POST"), told))


def _facts(step: Step, recording: Recording, digits: str) -> dict[str, str]:
    return {
        "RecordingSid": recording.sid,
        "RecordingUrl": recording_url(step.office, recording),
        "RecordingDuration": str(recording.seconds),
        "Digits": digits,
    }
