"""What the hotline and a telephone carrier say to each other.

The application knows the telephone only through these frozen types: events it hears, verbs it answers with, and the
`Carrier` it can ask to do something. Everything Twilio-shaped stays below `telephony/twilio/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from telephony.verbs import (
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

# The verbs we answer with are handed on, so that users of the port need one import.
__all__ = [
    "CallFailing",
    "CallProgress",
    "CallStarted",
    "CallStatus",
    "Carrier",
    "ConferenceChanged",
    "DialClient",
    "DialConference",
    "DialEnded",
    "DialNumber",
    "DialQueue",
    "Enqueue",
    "Gather",
    "Hangup",
    "Keys",
    "Leave",
    "MalformedWebhook",
    "Message",
    "Pause",
    "Play",
    "QueueLeft",
    "QueueResult",
    "Record",
    "RecordingReady",
    "Redirect",
    "Reject",
    "Say",
    "Silence",
    "SmsReceived",
    "SmsStatus",
    "Speech",
    "StartTranscription",
    "StopTranscription",
    "TelephonyError",
    "Track",
    "Transcript",
    "Verb",
    "Waiting",
    "WebhookRequest",
]


class TelephonyError(Exception):
    """A carrier refused or could not be reached.

    `permanent`: repeating the same request can never succeed. `outcome_unknown`: the request left this machine and no
    answer came, so it may have taken effect and must not be repeated blindly. `retry_after`: seconds, if the carrier
    said so. `code`: the carrier's own error number (Twilio 21610 = recipient opted out …).
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        outcome_unknown: bool = False,
        retry_after: float | None = None,
        code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.outcome_unknown = outcome_unknown
        self.retry_after = retry_after
        self.code = code


class MalformedWebhook(ValueError):
    """A signed request that lacks what its kind requires; answered with 400, nothing written."""


class CallStatus(StrEnum):
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def rank(self) -> int:
        """Order in a call's life; callbacks arrive shuffled and the highest rank wins."""
        return {"queued": 0, "ringing": 1, "in-progress": 2}.get(self.value, 3)

    @property
    def is_terminal(self) -> bool:
        return self.rank == 3


class QueueResult(StrEnum):
    BRIDGED = "bridged"
    ERROR = "error"
    HANGUP = "hangup"
    LEAVE = "leave"
    REDIRECTED = "redirected"
    REDIRECTED_FROM_BRIDGED = "redirected-from-bridged"
    QUEUE_FULL = "queue-full"
    SYSTEM_ERROR = "system-error"


class Track(StrEnum):
    """Whose voice a transcript line carries, seen from the caller's leg."""

    CALLER = "inbound_track"
    AGENT = "outbound_track"


# --- the request as it arrived -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One webhook exactly as received.

    `url` is the public URL the carrier called: configured public base + RAW path and query, never decoded. `form` are
    the posted form fields in order, repeated names kept; `query` the decoded query parameters; `headers` has
    lower-case names.
    """

    method: str
    url: str
    form: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


# --- what we hear ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    """`caller` is E.164, or None when withheld ("anonymous", empty) or not a telephone number (`client:`, `sip:`)."""

    call_sid: str
    caller: str | None
    called: str
    forwarded_from: str | None = None
    idempotency_token: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    call_sid: str
    digits: str


@dataclass(frozen=True, slots=True)
class Speech:
    call_sid: str
    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A Gather ended without keys or speech."""

    call_sid: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queue asks what the caller hears next; position from 1, seconds."""

    call_sid: str
    position: int
    waited: int
    average_wait: int
    queue_size: int


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """Enqueue's action. After a bridge it comes only when the talk has ended."""

    call_sid: str
    result: QueueResult
    queue_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class CallProgress:
    """A status callback: any order, repeated, also for calls we do not know."""

    call_sid: str
    status: CallStatus
    sequence: int
    at: datetime | None = None
    duration: int | None = None
    sip_code: int | None = None


@dataclass(frozen=True, slots=True)
class DialEnded:
    """A Dial's action. `dial_sid` and `seconds` are absent after a conference."""

    call_sid: str
    status: str
    dial_sid: str | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ConferenceChanged:
    """`event`: conference-start, conference-end, participant-join, participant-leave, participant-mute, …-unmute,
    participant-hold, participant-unhold. `name` is our own name for it (FriendlyName)."""

    conference_sid: str
    name: str
    event: str
    sequence: int
    call_sid: str | None = None
    label: str | None = None
    muted: bool = False
    held: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordingReady:
    """A conference's recording has no call_sid. `status`: in-progress, completed, absent."""

    recording_sid: str
    status: str
    url: str | None = None
    seconds: int | None = None
    call_sid: str | None = None
    conference_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """One utterance of live transcription. Sequence counts within the transcription."""

    call_sid: str
    transcription_sid: str
    sequence: int
    track: Track
    text: str
    is_final: bool
    confidence: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallFailing:
    """The carrier could not get a usable answer and called the fallback URL."""

    call_sid: str
    caller: str | None
    error_code: str | None = None
    error_url: str | None = None


@dataclass(frozen=True, slots=True)
class SmsReceived:
    """`body` is the untouched text. `opt_out` is the carrier's own verdict: STOP, START, HELP or None."""

    message_sid: str
    sender: str | None
    recipient: str
    body: str
    media: tuple[tuple[str, str], ...] = ()  # (url, content type)
    opt_out: str | None = None


@dataclass(frozen=True, slots=True)
class SmsStatus:
    """`status`: queued, sending, sent, delivered, undelivered, failed."""

    message_sid: str
    status: str
    error_code: int | None = None


# --- whom we ask -------------------------------------------------------------------------------------------------


class Carrier(Protocol):
    """A telephone company. Every call with the network has a time-out and raises only `TelephonyError`."""

    def is_genuine(self, request: WebhookRequest) -> bool:
        """Whether the signature proves the carrier sent this; never raises."""

    # Parsing: raise MalformedWebhook when a required parameter is missing or senseless.
    def hear_call(self, request: WebhookRequest) -> CallStarted: ...
    def hear_gather(self, request: WebhookRequest) -> Keys | Speech | Silence: ...
    def hear_waiting(self, request: WebhookRequest) -> Waiting: ...
    def hear_queue_left(self, request: WebhookRequest) -> QueueLeft: ...
    def hear_progress(self, request: WebhookRequest) -> CallProgress: ...
    def hear_dial_ended(self, request: WebhookRequest) -> DialEnded: ...
    def hear_conference(self, request: WebhookRequest) -> ConferenceChanged: ...
    def hear_recording(self, request: WebhookRequest) -> RecordingReady: ...
    def hear_transcript(self, request: WebhookRequest) -> Transcript | None:
        """None for transcription-started, -stopped and -error events."""

    def hear_failing(self, request: WebhookRequest) -> CallFailing: ...
    def hear_sms(self, request: WebhookRequest) -> SmsReceived: ...
    def hear_sms_status(self, request: WebhookRequest) -> SmsStatus: ...

    def render(self, verbs: Sequence[Verb]) -> str:
        """The answer document (TwiML), text escaped, at most 64 kB."""

    # Asking: block up to the time-out.
    def send_sms(self, recipient: str, text: str, status_callback: str) -> str:
        """Returns the message sid."""

    def ring_agent(
        self,
        conference: str,
        identity: str,
        label: str,
        status_callback: str,
        timeout: int = 20,
        *,
        conference_callback: str | None = None,
        recording_callback: str | None = None,
    ) -> str:
        """Ring a browser phone (`identity` without the `client:` prefix) into the conference; returns the leg's sid.

        Pass the same two callbacks as in the caller's `DialConference`: only those of the participant who happens to
        come in first count, and the agent may be faster than the caller.
        """

    def place_call(self, recipient: str, url: str, status_callback: str, timeout: int = 30) -> str:
        """Ring a telephone; whoever takes it hears what `url` answers. Returns the call's sid.

        `status_callback` is told of every step: ringing, answered, and how it ended.
        """

    def move_call(self, call_sid: str, url: str) -> None:
        """Interrupt what the call hears and let it fetch `url` instead."""

    def hang_up(self, call_sid: str) -> None: ...
    def set_muted(self, conference: str, call_sid: str, muted: bool) -> None: ...

    # `conference`: the conference's sid (from ConferenceChanged) or our own name for it, which costs one look-up more.
    def set_held(self, conference: str, call_sid: str, held: bool, music_url: str) -> None:
        """`music_url` is fetched by GET: a sound file, or a document of Say, Play and Pause."""

    def fetch_recording(self, url: str) -> bytes: ...

    def browser_token(self, identity: str, ttl: int = 3600) -> str:
        """A JWT the agent's browser phone registers with; own identity only, at most one hour."""
