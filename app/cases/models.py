"""A case, its photographs, and the numbers it is known by."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.workflow import State
from app.db import Base, Id, JsonList, JsonType
from app.privacy import Sealed

_OPEN = text("state NOT IN ('closed', 'void')")


class Case(Base):
    """`version` rises with every change: consoles drop stale pushes by it and writers must name the one they saw.

    `routing` holds the rule, its explanation and the runner-up as they were when the case was dispatched;
    `suggestion` the classifier's candidates, deciding terms and model version as the agent saw them.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_unit_open", "unit_id", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_case_due_open", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_case_state_opened", "state", "opened_at"),
        Index("ix_case_place_class", "community_code", "class_code", "opened_at"),
        Index("ix_case_street_class", "street_code", "class_code", "opened_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(12), default=State.REPORTED)
    source: Mapped[str] = mapped_column(String(8))
    source_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    call_id: Mapped[int | None] = mapped_column(index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)

    catalogue_version: Mapped[int | None]
    class_code: Mapped[str | None] = mapped_column(String(8))
    class_name: Mapped[str] = mapped_column(String(60), default="")
    condition_no: Mapped[int | None]
    limit_value: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(12))
    intent: Mapped[str] = mapped_column(String(16), default="complaint")
    urgency: Mapped[str] = mapped_column(String(10), default="normal")
    description: Mapped[str] = mapped_column(Text)
    suggestion: Mapped[dict[str, Any] | None] = mapped_column(JsonType)

    address: Mapped[str] = mapped_column(String(200), default="")
    district_code: Mapped[str | None] = mapped_column(String(6), index=True)
    street_code: Mapped[str | None] = mapped_column(String(9))
    community_code: Mapped[str | None] = mapped_column(String(12))
    lng: Mapped[float | None]
    lat: Mapped[float | None]

    reporter_name: Mapped[str | None] = mapped_column(Sealed)
    reporter_phone: Mapped[str | None] = mapped_column(Sealed)
    reporter_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    confidential: Mapped[bool] = mapped_column(default=False)
    sms_consent: Mapped[bool] = mapped_column(default=True)
    callback_consent: Mapped[bool] = mapped_column(default=True)
    # Known to whoever got the SMS; the page also asks for the phone's last four digits.
    link_token: Mapped[str] = mapped_column(String(24), unique=True)

    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit_name: Mapped[str] = mapped_column(String(80), default="")
    routing: Mapped[dict[str, Any] | None] = mapped_column(JsonType)

    opened_at: Mapped[datetime] = mapped_column(index=True)
    filed_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    fed_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    # When 80 % of the limit is used, worked out once so that lamps and lists only compare times.
    yellow_at: Mapped[datetime | None]
    deadline_steps: Mapped[JsonList] = mapped_column(default=list)

    result: Mapped[str] = mapped_column(Text, default="")
    urges: Mapped[int] = mapped_column(default=0)
    reworks: Mapped[int] = mapped_column(default=0)
    photos: Mapped[int] = mapped_column(default=0)
    rating: Mapped[int | None]
    rating_comment: Mapped[str] = mapped_column(String(500), default="")

    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")

    __mapper_args__ = {"version_id_col": version}


class Attachment(Base):
    """A photograph, stored re-encoded under its SHA-256; `purpose`: report, result, check.

    `round` is the number of reworks before it was taken: a feedback after a failed check needs new photographs.
    """

    __tablename__ = "attachment"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    round: Mapped[int] = mapped_column(default=0)
    content_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[int | None]
    at: Mapped[datetime]


class CaseCounter(Base):
    """The last case number given out on a day."""

    __tablename__ = "case_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
