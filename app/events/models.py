"""One row is a line of history and the payload that is pushed to the consoles."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Row, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, Id, Json, JsonList

# Nearly all lines are of cases and calls: among them the few of the administration's own work must be found.
_OFFICE = text("subject_type NOT IN ('case', 'call')")


class Event(Base):
    """Append-only. `subject_seq` counts from 1 within the subject; each line's hash covers the line before it."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_id", "subject_seq"),
        Index("ix_event_at", "at"),
        Index("ix_event_actor", "actor_id", "id"),
        Index("ix_event_office", "id", postgresql_where=_OFFICE, sqlite_where=_OFFICE),
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
        return push_of(self)


def push_of(line: Event | Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """What a console gets; `line` may also be the event's bare columns."""
    return {
        "id": line.id,
        "kind": line.kind,
        "subject": {"type": line.subject_type, "id": line.subject_id},
        "version": line.version,
        "at": line.at.isoformat().replace("+00:00", "Z"),
        "payload": line.payload,
    }


class DaySeal(Base):
    """One for each day, over every line written since the seal before: what is taken from a history's end shows here.

    `digest` covers the fields and each line's id and hash in the order of ids, and `previous_digest`.
    """

    __tablename__ = "day_seal"

    day: Mapped[date] = mapped_column(primary_key=True)
    after_id: Mapped[int] = mapped_column(BigId)
    last_id: Mapped[int] = mapped_column(BigId)
    lines: Mapped[int]
    previous_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]


class SealedTail(Base):
    """How far each history reached when the day was sealed; it names the line that is missing."""

    __tablename__ = "sealed_tail"

    day: Mapped[date] = mapped_column(primary_key=True)
    subject_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    subject_seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index("ix_sealed_tail_subject", "subject_type", "subject_id"),)


class AccessLine(Base):
    """Who looked at what is confidential: one for each viewer, thing and quarter of an hour."""

    __tablename__ = "access_line"
    __table_args__ = (UniqueConstraint("subject_type", "subject_id", "viewer_id", "what", "since"),)

    id: Mapped[Id]
    viewer_id: Mapped[int]
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime]
    at: Mapped[datetime]
