"""Webhooks of a Twilio-compatible carrier → the types of `telephony.ports`.

What a kind requires must be there and make sense, else `MalformedWebhook`; an optional value that makes no sense is
treated as absent, and parameters we do not know are normal.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar

from telephony.numbers import normalise
from telephony.ports import (
    CallFailing,
    CallProgress,
    CallStarted,
    CallStatus,
    ConferenceChanged,
    DialEnded,
    Keys,
    MalformedWebhook,
    QueueLeft,
    QueueResult,
    RecordingReady,
    Silence,
    SmsReceived,
    SmsStatus,
    Speech,
    Track,
    Transcript,
    Waiting,
    WebhookRequest,
)

IDEMPOTENCY_HEADER = "i-twilio-idempotency-token"

# Not Twilio's "CA + 32 hex digits": compatible gateways use UUIDs.
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[a-z][a-z-]{0,63}")
_DIGITS = re.compile(r"[0-9*#A-Dw]{1,128}")
_INTEGER = re.compile(r"[0-9]{1,9}")  # what a column of whole numbers holds
# PostgreSQL takes neither NUL nor lone surrogates in a text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DIAL_STATUSES = frozenset({"completed", "answered", "busy", "no-answer", "failed", "canceled"})
_RECORDING_STATUSES = frozenset({"in-progress", "completed", "absent", "failed"})
_OPT_OUTS = frozenset({"STOP", "START", "HELP"})
_MOST_MEDIA = 10
# Carriers tell more stages than matter here; each folds into one of the port's six.
_SMS_STATUSES: Mapping[str, str] = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}

_Choice = TypeVar("_Choice", bound=StrEnum)


def hear_call(request: WebhookRequest) -> CallStarted:
    fields = _Fields(request)
    return CallStarted(
        call_sid=fields.sid("CallSid"),
        caller=normalise(fields.get("From")),
        called=fields.number("To"),
        forwarded_from=normalise(fields.get("ForwardedFrom")),
        idempotency_token=request.headers.get(IDEMPOTENCY_HEADER) or None,
    )


def hear_gather(request: WebhookRequest) -> Keys | Speech | Silence:
    """Keys win over speech: a pressed key is never misheard."""
    fields = _Fields(request)
    call_sid = fields.sid("CallSid")
    digits = fields.get("Digits").strip()
    if digits and not _DIGITS.fullmatch(digits):
        raise MalformedWebhook("Digits holds no keys")
    if digits:
        return Keys(call_sid, digits)
    speech = fields.get("SpeechResult").strip()
    if speech:
        return Speech(call_sid, speech, _probability(fields.get("Confidence")))
    return Silence(call_sid)


def hear_waiting(request: WebhookRequest) -> Waiting:
    fields = _Fields(request)
    position = fields.integer("QueuePosition")
    if position < 1:
        raise MalformedWebhook("QueuePosition counts from 1")
    return Waiting(
        call_sid=fields.sid("CallSid"),
        position=position,
        waited=fields.integer("QueueTime"),
        average_wait=fields.maybe_integer("AvgQueueTime") or 0,
        queue_size=max(fields.maybe_integer("CurrentQueueSize") or 0, position),
    )


def hear_queue_left(request: WebhookRequest) -> QueueLeft:
    fields = _Fields(request)
    return QueueLeft(
        call_sid=fields.sid("CallSid"),
        result=fields.choice("QueueResult", QueueResult),
        queue_seconds=fields.maybe_integer("QueueTime"),
    )


def hear_progress(request: WebhookRequest) -> CallProgress:
    """SequenceNumber is absent from callbacks configured at the number instead of the call; then 0."""
    fields = _Fields(request)
    return CallProgress(
        call_sid=fields.sid("CallSid"),
        status=fields.choice("CallStatus", CallStatus),
        sequence=fields.maybe_integer("SequenceNumber") or 0,
        at=_moment(fields.get("Timestamp")),
        duration=fields.maybe_integer("CallDuration"),
        sip_code=fields.maybe_integer("SipResponseCode"),
    )


def hear_dial_ended(request: WebhookRequest) -> DialEnded:
    fields = _Fields(request)
    return DialEnded(
        call_sid=fields.sid("CallSid"),
        status=fields.one_of("DialCallStatus", _DIAL_STATUSES),
        dial_sid=fields.maybe_sid("DialCallSid"),
        seconds=fields.maybe_integer("DialCallDuration"),
    )


def hear_conference(request: WebhookRequest) -> ConferenceChanged:
    fields = _Fields(request)
    event = fields.required("StatusCallbackEvent")
    if not _WORD.fullmatch(event):
        raise MalformedWebhook("StatusCallbackEvent is no event")
    return ConferenceChanged(
        conference_sid=fields.sid("ConferenceSid"),
        name=fields.required("FriendlyName"),
        event=event,
        sequence=fields.maybe_integer("SequenceNumber") or 0,
        call_sid=fields.maybe_sid("CallSid"),
        label=fields.get("ParticipantLabel") or None,
        muted=_is_true(fields.get("Muted")),
        held=_is_true(fields.get("Hold")),
        at=_moment(fields.get("Timestamp")),
    )


def hear_recording(request: WebhookRequest) -> RecordingReady:
    """Also reads a Record verb's action: it has no status, and the file may not be readable yet."""
    fields = _Fields(request)
    status = fields.get("RecordingStatus") or "in-progress"
    if status not in _RECORDING_STATUSES:
        raise MalformedWebhook("RecordingStatus is unknown")
    return RecordingReady(
        recording_sid=fields.sid("RecordingSid"),
        status=status,
        url=fields.get("RecordingUrl") or None,
        seconds=fields.maybe_integer("RecordingDuration"),
        call_sid=fields.maybe_sid("CallSid"),
        conference_sid=fields.maybe_sid("ConferenceSid"),
    )


def hear_transcript(request: WebhookRequest) -> Transcript | None:
    """None for events that carry no words: started, stopped, error, an empty utterance."""
    fields = _Fields(request)
    if fields.required("TranscriptionEvent") != "transcription-content":
        return None
    data = _json_object(fields.required("TranscriptionData"))
    text = data.get("transcript")
    if not isinstance(text, str):
        raise MalformedWebhook("TranscriptionData holds no transcript")
    text = _storable(text).strip()
    if not text:
        return None
    return Transcript(
        call_sid=fields.sid("CallSid"),
        transcription_sid=fields.sid("TranscriptionSid"),
        sequence=fields.integer("SequenceId"),
        track=fields.choice("Track", Track),
        text=text,
        is_final=_is_true(fields.get("Final")),
        confidence=_probability(data.get("confidence")),
        at=_moment(fields.get("Timestamp")),
    )


def hear_failing(request: WebhookRequest) -> CallFailing:
    fields = _Fields(request)
    return CallFailing(
        call_sid=fields.sid("CallSid"),
        caller=normalise(fields.get("From")),
        error_code=fields.get("ErrorCode") or None,
        error_url=fields.get("ErrorUrl") or None,
    )


def hear_sms(request: WebhookRequest) -> SmsReceived:
    fields = _Fields(request)
    opt_out = fields.get("OptOutType").upper()
    return SmsReceived(
        message_sid=fields.sid("MessageSid"),
        sender=normalise(fields.get("From")),
        recipient=fields.number("To"),
        body=fields.get("Body"),
        media=_media(fields),
        opt_out=opt_out if opt_out in _OPT_OUTS else None,
    )


def hear_sms_status(request: WebhookRequest) -> SmsStatus:
    fields = _Fields(request)
    return SmsStatus(
        message_sid=fields.sid("MessageSid"),
        status=_SMS_STATUSES[fields.one_of("MessageStatus", _SMS_STATUSES)],
        error_code=fields.maybe_integer("ErrorCode"),
    )


class _Fields:
    """The parameters of one webhook. A POST's are its form alone: its query is ours, put there by us."""

    def __init__(self, request: WebhookRequest) -> None:
        pairs = request.query if request.method.upper() == "GET" else request.form
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values.setdefault(name, value)

    def get(self, name: str) -> str:
        return _storable(self._values.get(name, ""))

    def required(self, name: str) -> str:
        value = self.get(name)
        if not value.strip():
            raise MalformedWebhook(f"{name} is missing")
        return value

    def number(self, name: str) -> str:
        """One of our own numbers or addresses; kept as written when it is no telephone number."""
        value = self.required(name)
        return normalise(value) or value

    def sid(self, name: str) -> str:
        value = self.required(name)
        if not _SID.fullmatch(value):
            raise MalformedWebhook(f"{name} is no identifier")
        return value

    def maybe_sid(self, name: str) -> str | None:
        value = self.get(name)
        return value if _SID.fullmatch(value) else None

    def integer(self, name: str) -> int:
        value = self.maybe_integer(name)
        if value is None:
            raise MalformedWebhook(f"{name} is no whole number")
        return value

    def maybe_integer(self, name: str) -> int | None:
        value = self.get(name).strip()
        return int(value) if _INTEGER.fullmatch(value) else None

    def one_of(self, name: str, allowed: Mapping[str, str] | frozenset[str]) -> str:
        value = self.required(name)
        if value not in allowed:
            raise MalformedWebhook(f"{name} is unknown")
        return value

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        try:
            return kind(self.required(name))
        except ValueError as error:
            raise MalformedWebhook(f"{name} is missing or unknown") from error


def _media(fields: _Fields) -> tuple[tuple[str, str], ...]:
    count = min(fields.maybe_integer("NumMedia") or 0, _MOST_MEDIA)
    found = ((fields.get(f"MediaUrl{i}"), fields.get(f"MediaContentType{i}")) for i in range(count))
    return tuple((url, kind) for url, kind in found if url)


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("", text)


def _is_true(value: str) -> bool:
    return value.lower() == "true"


def _probability(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= 1 else None


def _json_object(text: str) -> dict[str, object]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedWebhook("TranscriptionData is no JSON") from error
    if not isinstance(data, dict):
        raise MalformedWebhook("TranscriptionData is no JSON object")
    return data


def _moment(text: str) -> datetime | None:
    """Call and conference events tell the time as RFC 2822, transcriptions as ISO 8601; without a zone it is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
