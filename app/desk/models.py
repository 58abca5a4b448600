"""Who sits at the hotline, and who waits for it. The desk knows calls by their id only."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id


class Status(StrEnum):
    """What the agent chose."""

    OFFLINE = "offline"  # 离线
    READY = "ready"  # 就绪
    BUSY = "busy"  # 示忙
    BREAK = "break"  # 小休
    TRAINING = "training"  # 培训


class SeatState(StrEnum):
    """What the system knows of the seat; LAGGED is shown in place of any other while the browser is gone."""

    IDLE = "idle"
    RINGING = "ringing"  # 振铃
    TALKING = "talking"  # 通话
    HOLD = "hold"  # 保持
    WRAP_UP = "wrap_up"  # 话后
    LAGGED = "lagged"  # 失联


class Outcome(StrEnum):
    """How someone left the queue."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    REMOVED = "removed"  # the carrier could not keep the call waiting


class Seat(Base):
    """One per agent. `lost_at` is set while none of the agent's browsers is connected.

    `idle_since` orders the ready seats; `owes_call_id` is a talk that still lacks its disposition.
    """

    __tablename__ = "seat"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(10), default=Status.OFFLINE)
    reason: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), default=SeatState.IDLE)
    since: Mapped[datetime]
    idle_since: Mapped[datetime]
    call_id: Mapped[int | None] = mapped_column(index=True)
    owes_call_id: Mapped[int | None]
    wrap_up_until: Mapped[datetime | None]
    extended: Mapped[bool] = mapped_column(default=False)
    misses: Mapped[int] = mapped_column(default=0)
    lost_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class SeatConnection(Base):
    """One browser window of an agent. A row per window, not a counter: a killed web process takes nothing down."""

    __tablename__ = "seat_connection"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)


class WaitingEntry(Base):
    """A caller in the queue: one row per call, reopened when the call comes back.

    `entered_at` is the clock of the service level and never changes; `ranked_since` orders the queue and is earlier
    for someone who rang back. `weight`: 0 normal, 1 urgent, 2 danger.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (
        Index(
            "ix_waiting_entry_open",
            "entered_at",
            postgresql_where=text("left_at IS NULL"),
            sqlite_where=text("left_at IS NULL"),
        ),
        Index("ix_waiting_entry_caller", "caller_hash", "left_at"),
    )

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(unique=True)
    queue: Mapped[str] = mapped_column(String(64))
    caller_hash: Mapped[str | None] = mapped_column(String(64))
    entered_at: Mapped[datetime] = mapped_column(index=True)
    ranked_since: Mapped[datetime]
    weight: Mapped[int] = mapped_column(default=0)
    is_front: Mapped[bool] = mapped_column(default=False)
    offered_to: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    offered_until: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # From entering to the first answer: what the service level counts, whatever happened afterwards.
    answer_seconds: Mapped[float | None]
    returns: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
