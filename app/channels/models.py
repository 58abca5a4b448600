"""How units are told of their cases besides the console."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json
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
