"""One row is a line of history and the payload that is pushed to the consoles."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, JsonList


class Event(Base):
    """Append-only. `subject_seq` counts from 1 within the subject; each line's hash covers the line before it."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_id", "subject_seq"),
        Index("ix_event_at", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    subject_seq: Mapped[int]
    version: Mapped[int | None]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    audience: Mapped[JsonList]
    payload: Mapped[Json]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def as_push(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": {"type": self.subject_type, "id": self.subject_id},
            "version": self.version,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "payload": self.payload,
        }
