"""What the centre still owes citizens: promises made to them, and the calls that follow a case up."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, Id

_OPEN = text("state IN ('open', 'claimed')")


class Kind(StrEnum):
    PROMISE = "promise"  # the citizen was told a time that has passed
    SURVEY = "survey"  # 回访 after the closing
    REPEAT = "repeat"  # they rang again about what had been closed; done as soon as it is known


class Task(StrEnum):
    """Where a call-back stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a closed case is followed up."""

    MISSED = "missed"
    SAMPLE = "sample"
    REOPENED = "reopened"
    SUPERVISED = "supervised"
    BAD_RATING = "bad_rating"
    AGAIN = "again"


WAITING = (Task.OPEN, Task.CLAIMED)


class CallBack(Base):
    """One for each case, kind and round, however often sweeps and handlers run.

    `round` counts the promises made (promise) or the reopenings before it (survey, repeat). `next_at`: not before;
    `due_at`: at the latest. `satisfied` is 1 to 5, the scale of the citizens' own ratings.
    """

    __tablename__ = "call_back"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "round"),
        Index("ix_call_back_waiting", "next_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_call_back_done", "done_at"),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(8))
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default=Task.OPEN)
    reason: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    claimed_at: Mapped[datetime | None]
    call_id: Mapped[int | None] = mapped_column(BigId)
    contacted: Mapped[bool | None]
    solved: Mapped[bool | None]
    satisfied: Mapped[int | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    done_by: Mapped[int | None]
    done_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}


class Promise(Base):
    """What an agent told the citizen by word of mouth; the first promise, the deadline itself, needs no row."""

    __tablename__ = "promise"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    until: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(200), default="")
    made_by: Mapped[int]
    at: Mapped[datetime]
