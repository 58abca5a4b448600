"""The verbs of `telephony.ports` → TwiML, through the SDK's builders."""

import re
from collections.abc import Sequence
from functools import lru_cache, singledispatch
from typing import Any

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, VoiceResponse
from twilio.twiml.voice_response import Gather as GatherElement

from telephony.ports import (
    DialClient,
    DialConference,
    DialNumber,
    DialQueue,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Message,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    StartTranscription,
    StopTranscription,
    Verb,
)

MAX_BYTES = 64 * 1024
SAY_LANGUAGE = "cmn-CN"  # zh-CN is not in Twilio's table for <Say>
SAY_VOICE = "Polly.Zhiyu-Neural"
MAX_HINTS = 500
MAX_SAY = 4096
MAX_QUEUE_NAME = 64
CONFERENCE_EVENTS = "start end join leave mute hold"
RECORDING_EVENTS = "in-progress completed absent"

# Everything outside XML 1.0's Char production; one such character makes the whole document unreadable to the carrier.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENDING = (Redirect, Reject, Hangup, Leave)


def render(verbs: Sequence[Verb]) -> str:
    """The answer document. Raises ValueError for verbs that cannot stand together: our mistake, not the carrier's."""
    return _render(tuple(verbs))


# Most answers are the same for every caller: the greeting, the music, the way to the queue.
@lru_cache(maxsize=128)
def _render(verbs: tuple[Verb, ...]) -> str:
    document = str(_render_messages(verbs) if any(isinstance(v, Message) for v in verbs) else _render_voice(verbs))
    if len(document.encode()) > MAX_BYTES:
        raise ValueError("an answer to the carrier may have 64 kB")
    return document


def _render_messages(verbs: Sequence[Verb]) -> Any:
    response = MessagingResponse()
    for verb in verbs:
        if not isinstance(verb, Message):
            raise ValueError("an SMS is answered with messages only, a call with voice verbs only")
        if text := _clean(verb.text):
            response.message(text)
    return response


def _render_voice(verbs: Sequence[Verb]) -> Any:
    for place, verb in enumerate(verbs):
        if isinstance(verb, Reject) and place > 0:
            raise ValueError("Reject answers the call unheard and must be the first verb")
        if isinstance(verb, _ENDING) and place < len(verbs) - 1:
            raise ValueError(f"nothing after {type(verb).__name__} is ever reached")
    response = VoiceResponse()
    for verb in verbs:
        _add(verb, response)
    return response


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text).strip()


def _within(value: int, low: int, high: int, what: str) -> int:
    if not low <= value <= high:
        raise ValueError(f"{what} must be between {low} and {high}")
    return value


@singledispatch
def _add(verb: object, _parent: Any) -> None:
    raise TypeError(f"{type(verb).__name__} is no verb")


@_add.register
def _(verb: Say, parent: Any) -> None:
    # An empty <Say> is an error to Twilio and ends the call.
    if text := _clean(verb.text)[:MAX_SAY]:
        parent.say(text, language=SAY_LANGUAGE, voice=SAY_VOICE)


@_add.register
def _(verb: Play, parent: Any) -> None:
    parent.play(_clean(verb.url))


@_add.register
def _(verb: Pause, parent: Any) -> None:
    parent.pause(length=_within(verb.seconds, 1, 600, "a pause's seconds"))


@_add.register
def _(verb: Gather, parent: Any) -> None:
    gather = GatherElement(
        input=_gather_input(verb),
        action=_clean(verb.action),
        method="POST",
        timeout=_within(verb.timeout, 1, 600, "Gather's timeout"),
        num_digits=verb.num_digits if verb.keys else None,
        finish_on_key=verb.finish_on_key if verb.keys else None,
        **(_speech_options(verb) if verb.speech else {}),
    )
    for prompt in verb.prompts:
        _add(prompt, gather)
    parent.append(gather)


def _gather_input(verb: Gather) -> str:
    wanted = [name for name, is_wanted in (("dtmf", verb.keys), ("speech", verb.speech)) if is_wanted]
    if not wanted:
        raise ValueError("Gather must listen to keys or speech")
    return " ".join(wanted)


def _speech_options(verb: Gather) -> dict[str, Any]:
    # The filter would replace a citizen's own words by asterisks: they are evidence, and the classifier reads them.
    return {"language": verb.language, "hints": _cut_hints(verb.hints) or None, "profanity_filter": False}


def _cut_hints(hints: str) -> str:
    """At most 500 characters, cut between two phrases."""
    hints = _clean(hints)
    if len(hints) <= MAX_HINTS:
        return hints
    whole, comma, _ = hints[: MAX_HINTS + 1].rpartition(",")
    return whole if comma else hints[:MAX_HINTS]


@_add.register
def _(verb: Record, parent: Any) -> None:
    parent.record(
        action=_clean(verb.action),
        method="POST",
        timeout=verb.timeout,
        finish_on_key=verb.finish_on_key,
        max_length=verb.max_seconds,
        play_beep=verb.beep,
        recording_status_callback=_clean(verb.status_callback),
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )


@_add.register
def _(verb: Enqueue, parent: Any) -> None:
    name = _clean(verb.queue)
    _within(len(name), 1, MAX_QUEUE_NAME, "the length of a queue's name")
    parent.enqueue(
        name, action=_clean(verb.action), method="POST", wait_url=_clean(verb.wait_url), wait_url_method="POST"
    )


@_add.register
def _(_verb: Leave, parent: Any) -> None:
    parent.leave()


@_add.register
def _(verb: DialConference, parent: Any) -> None:
    parent.nest(_dial(verb.action)).conference(
        _clean(verb.name),
        participant_label=_clean(verb.label) if verb.label else None,
        start_conference_on_enter=verb.starts,
        end_conference_on_exit=verb.ends_for_all,
        beep=False,
        wait_url=_clean(verb.wait_url),  # written out even when empty: left out it means the carrier's own music
        status_callback=_clean(verb.status_callback),
        status_callback_method="POST",
        status_callback_event=CONFERENCE_EVENTS,
        **_recording_options(verb.recording_callback),
    )


def _recording_options(callback: str | None) -> dict[str, str]:
    if callback is None:
        return {}
    return {
        "record": "record-from-start",
        "recording_status_callback": _clean(callback),
        "recording_status_callback_method": "POST",
        "recording_status_callback_event": RECORDING_EVENTS,
    }


def _dial(action: str | None, timeout: int | None = None) -> Any:
    return Dial(
        action=None if action is None else _clean(action),
        method=None if action is None else "POST",
        timeout=None if timeout is None else _within(timeout, 5, 600, "Dial's timeout"),
    )


@_add.register
def _(verb: DialClient, parent: Any) -> None:
    parent.nest(_dial(verb.action, verb.timeout)).client(_clean(verb.identity))


@_add.register
def _(verb: DialNumber, parent: Any) -> None:
    parent.nest(_dial(verb.action, verb.timeout)).number(_clean(verb.number))


@_add.register
def _(verb: DialQueue, parent: Any) -> None:
    parent.nest(_dial(verb.action)).queue(_clean(verb.queue))


@_add.register
def _(verb: Redirect, parent: Any) -> None:
    parent.redirect(_clean(verb.url), method="POST")


@_add.register
def _(verb: Reject, parent: Any) -> None:
    parent.reject(reason="busy" if verb.busy else "rejected")


@_add.register
def _(_verb: Hangup, parent: Any) -> None:
    parent.hangup()


@_add.register
def _(verb: StartTranscription, parent: Any) -> None:
    parent.start().transcription(
        name=_clean(verb.name),
        track="both_tracks",
        language_code=verb.language,
        partial_results=True,
        profanity_filter=False,
        status_callback_url=_clean(verb.status_callback),
        status_callback_method="POST",
    )


@_add.register
def _(verb: StopTranscription, parent: Any) -> None:
    parent.stop().transcription(name=_clean(verb.name))
