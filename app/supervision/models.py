"""Lamps, the ladder of reminders, what was reminded, and 督办."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, Id


class CaseWatch(Base):
    """An open case's lamp, and when something about it is due next. `rank` sorts red first, grey last."""

    __tablename__ = "case_watch"
    __table_args__ = (
        Index("ix_case_watch_shown", "rank", "is_assigned", "due_at", "case_id", "lamp"),
        Index("ix_case_watch_next", "is_assigned", "next_at"),
    )

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("case.id"), primary_key=True, autoincrement=False)
    lamp: Mapped[str] = mapped_column(String(6))
    rank: Mapped[int]
    is_assigned: Mapped[bool]
    clock: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]


class LadderRung(Base):
    """定时报警: at which share of the limit who is told. Area and class are prefixes; "" holds everywhere."""

    __tablename__ = "ladder_rung"

    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(String(12), default="")
    class_code: Mapped[str] = mapped_column(String(8), default="")
    percent: Mapped[int]
    recipient: Mapped[str] = mapped_column(String(10))
    at_night: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class UnitHead(Base):
    """Who leads a unit: the second rung of the ladder."""

    __tablename__ = "unit_head"

    unit_id: Mapped[int] = mapped_column(BigId, ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Reminder(Base):
    """At most one for each case, rung of its ladder, deadline (`mark`) and recipient, however often the sweep runs.

    `recipient`: "unit:5" or "account:12". `digest_id` None: not told yet.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("case_id", "clock", "percent", "mark", "recipient"),
        Index(
            "ix_reminder_waiting",
            "recipient",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    clock: Mapped[str] = mapped_column(String(8))
    percent: Mapped[int]
    mark: Mapped[datetime]
    recipient: Mapped[str] = mapped_column(String(24))
    at_night: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    digest_id: Mapped[int | None] = mapped_column(BigId, index=True)
    created_at: Mapped[datetime]


class Digest(Base):
    """One message to one recipient about all that had become due."""

    __tablename__ = "reminder_digest"
    __table_args__ = (Index("ix_reminder_digest_recipient", "recipient", "at"),)

    id: Mapped[Id]
    recipient: Mapped[str] = mapped_column(String(24))
    cases: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class SupervisionOrder(Base):
    """督办: a requirement with a level and a deadline of its own; the unit answers it."""

    __tablename__ = "supervision_order"
    __table_args__ = (
        Index(
            "ix_supervision_order_open",
            "due_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    event_id: Mapped[int] = mapped_column(BigId, unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    level: Mapped[int] = mapped_column(default=3)
    requirement: Mapped[str] = mapped_column(Text)
    needs_reply: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="open")
    reply: Mapped[str] = mapped_column(Text, default="")
    replied_by: Mapped[int | None]
    replied_at: Mapped[datetime | None]
