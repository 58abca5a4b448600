"""What the carrier knows: legs, rooms they talk in, queues they wait in, transcriptions, messages. Data only."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from telephony.emulator.callbacks import NOBODY, CallbackPlan
from telephony.emulator.twiml import Source
from telephony.ports import CallStatus

__all__ = ["Call", "CallStatus"]

QUEUE_SIZE = 100


class Line(Protocol):
    """The other end of a leg: a web phone or a browser client."""

    @property
    def address(self) -> str: ...

    def send(self, event: dict[str, Any]) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """One input from the leg's party: a key, or an utterance (final, or still being spoken)."""

    key: str = ""
    text: str = ""
    is_final: bool = True


@dataclass(eq=False, slots=True)
class Listener:
    """A verb that is listening right now."""

    keys: bool
    speech: bool
    heard: "asyncio.Queue[Heard]" = field(default_factory=asyncio.Queue)


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_DIAL = "outbound-dial"


@dataclass(eq=False, slots=True)
class Transcription:
    sid: str
    name: str
    url: str
    method: str
    tracks: frozenset[str]
    language: str
    partial: bool
    started: datetime
    sequence: int = 0


@dataclass(eq=False, slots=True)
class Call:
    """One leg. `turn` is where a REST update sends it next; `pilot` the task that carries out what it does now."""

    sid: str
    caller: str
    called: str
    direction: Direction
    created: datetime
    status: CallStatus = CallStatus.QUEUED
    parent: str = ""
    callback: CallbackPlan = NOBODY
    fallback: Source | None = None
    started: datetime | None = None
    ended: datetime | None = None
    sip_code: int = 200
    sequence: int = 0
    line: Line | None = None
    address: str = ""
    ringing: list[Line] = field(default_factory=list)
    answer: "asyncio.Future[CallStatus] | None" = None
    listener: Listener | None = None
    member: "Member | None" = None
    waiter: "Waiter | None" = None
    transcriptions: list[Transcription] = field(default_factory=list)
    pilot: "asyncio.Task[None] | None" = None
    turn: Source | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.status.is_terminal

    @property
    def seconds(self) -> int:
        """Talk time; 0 if never answered."""
        if self.started is None or self.ended is None or self.status != CallStatus.COMPLETED:
            return 0
        return round((self.ended - self.started).total_seconds())

    def attach(self, line: Line) -> None:
        """From now on this is who speaks and hears; its address may take the leg up again after a broken line."""
        self.line, self.address = line, line.address

    def tell(self, event: dict[str, Any]) -> None:
        for line in [self.line] if self.line else self.ringing:
            line.send({**event, "sid": self.sid})


@dataclass(frozen=True, slots=True)
class Terms:
    """How a leg sits in a conference. `wait`: None = the carrier's music, empty URL = silence."""

    label: str = ""
    muted: bool = False
    starts: bool = True
    ends: bool = False
    coach: str = ""
    wait: Source | None = None
    most: int = 250
    record: bool = False
    callback: CallbackPlan = NOBODY
    recording: CallbackPlan = NOBODY


@dataclass(eq=False, slots=True)
class Member:
    """A leg inside a room; `out` is set when it has to leave."""

    call: Call
    room: "Room"
    joined: datetime
    label: str = ""
    muted: bool = False
    held: bool = False
    starts: bool = True
    ends: bool = False
    coach: str = ""
    wait: Source | None = None
    music: "asyncio.Task[None] | None" = None
    out: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Sound:
    """Something said in a recording: when (seconds from its start), for how long, by which voice (0, 1, 2 …)."""

    offset: float
    seconds: float
    voice: int


@dataclass(eq=False, slots=True)
class Recording:
    sid: str
    source: str
    created: datetime
    callback: CallbackPlan
    call_sid: str = ""
    conference_sid: str = ""
    status: str = "in-progress"
    seconds: int = 0
    sounds: list[Sound] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    paused_at: datetime | None = None
    paused_seconds: float = 0.0


@dataclass(eq=False, slots=True)
class Room:
    """Where legs hear one another: the bridge between two legs, or a conference."""

    members: dict[str, Member] = field(default_factory=dict)
    recording: Recording | None = None
    is_closed: bool = False


@dataclass(eq=False, slots=True, kw_only=True)
class Conference(Room):
    sid: str
    name: str
    created: datetime
    updated: datetime
    status: str = "init"
    callback: CallbackPlan | None = None
    record: bool = False
    recording_callback: CallbackPlan = NOBODY
    pending: dict[str, tuple[Call, Terms]] = field(default_factory=dict)
    sequence: int = 0
    reason: str = ""
    ended_by: str = ""


@dataclass(eq=False, slots=True)
class Waiter:
    """A leg in a queue; `taken` gets the bridge it is taken into."""

    call: Call
    queue: "Queue"
    since: datetime
    taken: "asyncio.Future[Room]"
    waited: int | None = None


@dataclass(eq=False, slots=True)
class Queue:
    sid: str
    name: str
    created: datetime
    size: int = QUEUE_SIZE
    waiters: list[Waiter] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def average_wait(self) -> int:
        return round(sum(self.waits) / len(self.waits)) if self.waits else 0


@dataclass(eq=False, slots=True)
class Message:
    sid: str
    sender: str
    recipient: str
    body: str
    direction: str
    created: datetime
    status: str = "queued"
    error_code: int | None = None
    sent: datetime | None = None
    callback: str = ""
