"""Text messages in and out, and who wants none."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id
from app.privacy import Sealed

# Begins the purpose of what goes to a unit that works by SMS.
TICKET = "ticket."


class Delivery(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # claimed by a worker that is talking with the carrier
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    # The request may have reached the carrier: sending again could reach the citizen twice.
    UNKNOWN = "unknown"


class OutgoingMessage(Base):
    """At most one for each event and recipient, whatever is repeated."""

    __tablename__ = "outgoing_message"
    __table_args__ = (
        UniqueConstraint("event_id", "recipient_hash"),
        Index(
            "ix_outgoing_message_due",
            "due_at",
            postgresql_where=text("state IN ('queued', 'sending')"),
            sqlite_where=text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str | None] = mapped_column(Sealed)
    recipient_hash: Mapped[str] = mapped_column(String(64), index=True)
    text: Mapped[str | None] = mapped_column(Sealed)
    segments: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=Delivery.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    error_code: Mapped[int | None]
    created_at: Mapped[datetime]


class IncomingMessage(Base):
    """Unique by the carrier's id; the reply is kept so that a repeated delivery hears the same again."""

    __tablename__ = "incoming_message"

    id: Mapped[Id]
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    sender: Mapped[str | None] = mapped_column(Sealed)
    sender_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    body: Mapped[str | None] = mapped_column(Sealed)
    meaning: Mapped[str] = mapped_column(String(12))
    reply: Mapped[str | None] = mapped_column(Sealed)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    at: Mapped[datetime]


class OptOut(Base):
    """退订: no message goes to this number until it says otherwise."""

    __tablename__ = "opt_out"

    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Ticket(Base):
    """A case at a unit that works by SMS. Its id is the short code in the messages: never given out twice.

    `token` opens the page on which photographs are sent in, without signing in.
    """

    __tablename__ = "ticket"
    __table_args__ = (UniqueConstraint("unit_id", "case_id"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    # The duty telephone as it was when the ticket went out last: only from there may it be answered.
    phone_hash: Mapped[str] = mapped_column(String(64), index=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    at: Mapped[datetime]


class ThreadMessage(Base):
    """What the centre and the citizen wrote to each other about a case. Sealed: people name themselves.

    `author_id` None: the citizen. `sent_id`: the SMS it went out as, which knows its delivery. An open question of the
    citizen's has no `answered_at`.
    """

    __tablename__ = "thread_message"
    __table_args__ = (
        Index("ix_thread_message_case", "case_id", "id"),
        # A citizen's SMS belongs to the thread in which they were last written to.
        Index("ix_thread_message_sent", "recipient_hash", "at"),
        Index(
            "ix_thread_message_open",
            "at",
            postgresql_where=text("is_from_citizen AND answered_at IS NULL"),
            sqlite_where=text("is_from_citizen AND answered_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    is_from_citizen: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(4))
    text: Mapped[str | None] = mapped_column(Sealed)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    author: Mapped[str] = mapped_column(String(40), default="")
    recipient_hash: Mapped[str | None] = mapped_column(String(64))
    sent_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_message.id"))
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]
