"""How units are told of their cases besides the console."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, Id, Json, JsonType
from app.privacy import Sealed


class HookState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class UnitHook(Base):
    """Where a unit's own system hears of its cases. `secret` signs what is sent; it is shown once."""

    __tablename__ = "unit_hook"

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), unique=True)
    url: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str | None] = mapped_column(Sealed)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class HookDelivery(Base):
    """One event on its way to one hook; at most one row for each, whatever is repeated."""

    __tablename__ = "hook_delivery"
    __table_args__ = (
        UniqueConstraint("hook_id", "event_id"),
        Index(
            "ix_hook_delivery_due",
            "due_at",
            postgresql_where=text("state IN ('queued', 'sending')"),
            sqlite_where=text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[Id]
    hook_id: Mapped[int] = mapped_column(ForeignKey("unit_hook.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[Json]
    state: Mapped[str] = mapped_column(String(10), default=HookState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    # What the unit's system answered last, or why it could not be reached.
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class DutyState(StrEnum):
    """Where a call to a duty telephone stands."""

    WAITING = "waiting"  # rings when its time comes
    PLACING = "placing"  # claimed by a worker that is talking with the carrier
    RINGING = "ringing"
    TALKING = "talking"
    DONE = "done"  # whoever answered knew the PIN and has heard what there was
    MISSED = "missed"  # given up; the command centre was told
    DROPPED = "dropped"  # there was nothing left to tell


class TaskState(StrEnum):
    WAITING = "waiting"
    TOLD = "told"
    MISSED = "missed"
    SETTLED = "settled"  # the case was answered otherwise, or has left the unit


_OPEN_CALL = text("state IN ('waiting', 'placing', 'ringing', 'talking')")
_OPEN_TASK = text("state = 'waiting'")


class DutyTask(Base):
    """A case that a unit which answers by telephone is to be told of; `since`: the step of the case that wants it."""

    __tablename__ = "duty_task"
    __table_args__ = (
        UniqueConstraint("unit_id", "case_id"),
        Index("ix_duty_task_waiting", "phone_hash", postgresql_where=_OPEN_TASK, sqlite_where=_OPEN_TASK),
    )

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str] = mapped_column(String(64))
    urgent: Mapped[bool]
    state: Mapped[str] = mapped_column(String(8), default=TaskState.WAITING)
    since: Mapped[datetime]


class DutyCall(Base):
    """Ringing up a duty telephone until somebody of the unit has heard what waits; all attempts are one row.

    A telephone has at most one that is open. `scene` is what its listener is being asked, `step` counts the answers:
    a webhook that names an earlier step is a repetition.
    """

    __tablename__ = "duty_call"
    __table_args__ = (
        Index(
            "ix_duty_call_open",
            "unit_id",
            "phone_hash",
            unique=True,
            postgresql_where=_OPEN_CALL,
            sqlite_where=_OPEN_CALL,
        ),
        Index("ix_duty_call_due", "due_at", postgresql_where=_OPEN_CALL, sqlite_where=_OPEN_CALL),
    )

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str] = mapped_column(String(64))
    urgent: Mapped[bool]
    # Rung up by the unit itself.
    incoming: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(8), default=DutyState.WAITING)
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    rank: Mapped[int] = mapped_column(default=-1)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    scene: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    step: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    identified_at: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DutyLine(Base):
    """A duty telephone on which wrong PINs were pressed; the right one wipes them out."""

    __tablename__ = "duty_line"

    unit_id: Mapped[int] = mapped_column(BigId, ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    phone_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrong_pins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
