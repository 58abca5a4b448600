"""A telephone call and what was said in it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, JsonType
from app.privacy import Sealed


class CallState(StrEnum):
    GREETING = "greeting"
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    ENDED = "ended"


class Disposition(StrEnum):
    """How a talk was closed by the agent."""

    ANSWERED = "answered"  # 已答复
    STATUS_QUERY = "status_query"  # 查询进度
    URGED = "urged"  # 催办
    PRANK = "prank"  # 骚扰
    EMERGENCY_TRANSFERRED = "emergency_transferred"  # 转紧急
    CASE = "case"  # 已立案


class Wish(StrEnum):
    """What the carrier was, or still has to be, asked to do with the caller's leg; kept until it has shown effect."""

    CONNECT = "connect"
    QUEUE = "queue"
    HANG_UP = "hang_up"


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

    heard: Mapped[str | None] = mapped_column(Sealed)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    suggestion: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    intent: Mapped[str | None] = mapped_column(String(16))
    disposition: Mapped[str | None] = mapped_column(String(24))
    disposition_note: Mapped[str] = mapped_column(String(500), default="")
    disposed_at: Mapped[datetime | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)

    is_voicemail: Mapped[bool] = mapped_column(default=False)
    recording_sid: Mapped[str | None] = mapped_column(String(64))
    recording_url: Mapped[str | None] = mapped_column(String(500))
    recording_seconds: Mapped[int | None]

    __mapper_args__ = {"version_id_col": version}


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
