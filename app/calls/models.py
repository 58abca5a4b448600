"""A telephone call and what was said in it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, JsonType
from app.privacy import Sealed

# Messages left on the voicemail that nobody has worked on.
_LEFT = text("is_voicemail IS TRUE AND disposition IS NULL")


class CallState(StrEnum):
    GREETING = "greeting"
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    OUTSIDE = "outside"  # handed on to a number outside; no agent takes part any more
    ENDED = "ended"


class Disposition(StrEnum):
    """How a talk was closed by the agent."""

    ANSWERED = "answered"  # 已答复
    STATUS_QUERY = "status_query"  # 查询进度
    URGED = "urged"  # 催办
    JOINED = "joined"  # 并入已知案件
    PRANK = "prank"  # 骚扰
    EMERGENCY_TRANSFERRED = "emergency_transferred"  # 转紧急
    TRANSFERRED = "transferred"  # 转外线
    CALL_BACK = "call_back"  # 回访, rung by us
    CASE = "case"  # 已立案


class Wish(StrEnum):
    """What the carrier was, or still has to be, asked to do with the caller's leg; kept until it has shown effect."""

    CONNECT = "connect"
    QUEUE = "queue"
    HANG_UP = "hang_up"
    SEND_OUT = "send_out"  # to a number outside, without the agent
    GOODBYE = "goodbye"  # the outside party has left, nobody else is there
    DIAL = "dial"  # a citizen is being rung by us and has not answered yet


class PartyKind(StrEnum):
    AGENT = "agent"  # somebody at a seat: a colleague, or the supervisor who was asked for help
    OUTSIDE = "outside"


class PartyState(StrEnum):
    """LEAVING: no longer of the talk, but the carrier still has to be asked to drop the leg."""

    RINGING = "ringing"
    CONNECTING = "connecting"  # has accepted; the browser's telephone is being rung
    JOINED = "joined"
    LEAVING = "leaving"
    GONE = "gone"


class PartyOutcome(StrEnum):
    """How somebody beside caller and agent came out of it."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    DECLINED = "declined"
    CANCELED = "canceled"
    RELEASED = "released"
    LEFT = "left"
    TOOK_OVER = "took_over"
    HANDED_ON = "handed_on"  # the agent who gave the call away
    CALLER_LEFT = "caller_left"


class Call(Base):
    """`attempt` counts how often an agent was put through; callbacks of an earlier attempt are stale.

    `heard` is what the caller said to the greeting. `draft` is the console's form, `{"version": n, "form": {…}}`.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "ix_call_open",
            "state",
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
        Index("ix_call_caller", "caller_hash", "started_at"),
        Index("ix_call_voicemail", "started_at", postgresql_where=_LEFT, sqlite_where=_LEFT),
        Index("ix_call_agent", "agent_id", "answered_at"),
    )

    id: Mapped[Id]
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(10), default=CallState.GREETING)
    caller_number: Mapped[str | None] = mapped_column(Sealed)
    caller_hash: Mapped[str | None] = mapped_column(String(64))
    called: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(60), default="")
    prior_calls: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(120), default="")

    started_at: Mapped[datetime] = mapped_column(index=True)
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    hung_up_by: Mapped[str | None] = mapped_column(String(10))
    announced_position: Mapped[int | None]
    # The last sign of life from the caller's leg: a final status callback can be lost while the database is away.
    last_contact_at: Mapped[datetime]

    carrier_status: Mapped[str] = mapped_column(String(12), default="ringing")
    carrier_rank: Mapped[int] = mapped_column(default=0)
    carrier_sequence: Mapped[int] = mapped_column(default=-1)
    carrier_answered_at: Mapped[datetime | None]

    agent_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    attempt: Mapped[int] = mapped_column(default=0)
    agent_leg_sid: Mapped[str | None] = mapped_column(String(64))
    conference: Mapped[str | None] = mapped_column(String(64))
    conference_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    conference_sequence: Mapped[int] = mapped_column(default=-1)
    wish: Mapped[str | None] = mapped_column(String(10))
    wished_at: Mapped[datetime | None]
    hold: Mapped[bool] = mapped_column(default=False)
    muted: Mapped[bool] = mapped_column(default=False)
    # We rang the citizen: `caller_number` is theirs, and no figure of callers counts it.
    is_outbound: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Who rings or takes part beside caller and agent. One at most: the row's lock makes a second request wait and lose.
    party_id: Mapped[int | None]

    heard: Mapped[str | None] = mapped_column(Sealed)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    suggestion: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    intent: Mapped[str | None] = mapped_column(String(16))
    disposition: Mapped[str | None] = mapped_column(String(24))
    disposition_note: Mapped[str] = mapped_column(String(500), default="")
    disposed_at: Mapped[datetime | None]
    # The article of the knowledge base that a consultation was answered from.
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)

    is_voicemail: Mapped[bool] = mapped_column(default=False)
    recording_sid: Mapped[str | None] = mapped_column(String(64))
    recording_url: Mapped[str | None] = mapped_column(String(500))
    recording_seconds: Mapped[int | None]

    __mapper_args__ = {"version_id_col": version}


class Party(Base):
    """A further leg of a talk: a colleague, the supervisor, a number outside, or the agent who has handed it on.

    Changed only under its call's lock. `until`: when ringing is given up; a call sent out cold has the carrier's own.
    """

    __tablename__ = "call_party"
    __table_args__ = (
        Index(
            "ix_call_party_open",
            "state",
            postgresql_where=text("state <> 'gone'"),
            sqlite_where=text("state <> 'gone'"),
        ),
    )

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    attempt: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10), default=PartyState.RINGING)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str | None] = mapped_column(Sealed)
    label: Mapped[str] = mapped_column(String(60))
    leg_sid: Mapped[str | None] = mapped_column(String(64))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    until: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")


class Utterance(Base):
    """One piece of live transcription. Sealed: callers spell out numbers and names."""

    __tablename__ = "utterance"
    __table_args__ = (UniqueConstraint("call_id", "transcription_sid", "sequence", "track"),)

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    transcription_sid: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int]
    track: Mapped[str] = mapped_column(String(6))
    text: Mapped[str | None] = mapped_column(Sealed)
    final: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]
