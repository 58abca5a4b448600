"""What the hotline answers when a carrier asks what a call or a message shall do next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Play:
    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Gather:
    """Listen while `prompts` run. Falls through to the next verb when nothing was heard."""

    action: str
    prompts: tuple["Say | Play | Pause", ...] = ()
    speech: bool = True
    keys: bool = True
    timeout: int = 5
    num_digits: int | None = None
    finish_on_key: str = "#"
    hints: str = ""
    language: str = "cmn-Hans-CN"


@dataclass(frozen=True, slots=True)
class Record:
    action: str
    status_callback: str
    max_seconds: int = 120
    timeout: int = 5
    finish_on_key: str = "#"
    beep: bool = True


@dataclass(frozen=True, slots=True)
class Enqueue:
    queue: str
    action: str
    wait_url: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the queue; only valid as an answer to its wait URL."""


@dataclass(frozen=True, slots=True)
class DialConference:
    """Put this leg into the conference `name`. `action` is asked for more when the leg comes out of it."""

    name: str
    action: str
    status_callback: str
    recording_callback: str | None = None
    label: str | None = None
    wait_url: str = ""
    starts: bool = True
    ends_for_all: bool = True


@dataclass(frozen=True, slots=True)
class DialClient:
    identity: str
    action: str | None = None
    timeout: int = 20


@dataclass(frozen=True, slots=True)
class DialNumber:
    number: str
    action: str | None = None
    timeout: int = 30


@dataclass(frozen=True, slots=True)
class DialQueue:
    queue: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str


@dataclass(frozen=True, slots=True)
class Reject:
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class StartTranscription:
    """Both tracks, from now to the end of the call."""

    status_callback: str
    name: str
    language: str = "cmn-Hans-CN"


@dataclass(frozen=True, slots=True)
class StopTranscription:
    """The one that was started under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """A reply by SMS; only valid as an answer to an SMS."""

    text: str


Verb = (
    Say
    | Play
    | Pause
    | Gather
    | Record
    | Enqueue
    | Leave
    | DialConference
    | DialClient
    | DialNumber
    | DialQueue
    | Redirect
    | Reject
    | Hangup
    | StartTranscription
    | StopTranscription
    | Message
)
