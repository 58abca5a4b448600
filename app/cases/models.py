"""A case, its photographs, and the numbers it is known by."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.terms import RequestState, State, UnitRole, UnitState, Verification
from app.db import Base, BigId, Id, Json, JsonList, JsonType
from app.privacy import Sealed

# Rejected cases are few: leaving them in spares a table of a million rows the rebuilding of two indexes.
_OPEN = text("state NOT IN ('closed', 'void')")
_PROMISED = text("state NOT IN ('closed', 'void') AND promised_until IS NOT NULL")
_NOT_ENDED = text("state NOT IN ('closed', 'rejected', 'void')")
_ASKED = text("verification = 'asked'")
_RATED = text("rating IS NOT NULL")
_NONE = text("0")
_NO_LIST = text("'[]'")
_EMPTY = text("''")
_UNTOLD = text("told_at IS NULL")


class Case(Base):
    """`version` rises with every change: consoles drop stale pushes by it and writers must name the one they saw.

    `routing` holds the rule, its explanation and the runner-up as they were when the case was dispatched;
    `suggestion` the classifier's candidates, deciding terms and model version as the agent saw them.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_unit_open", "unit_id", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_case_deadline_open", "due_at", "id", postgresql_where=_NOT_ENDED, sqlite_where=_NOT_ENDED),
        Index("ix_case_class_open", "class_code", "id", "state", postgresql_where=_NOT_ENDED, sqlite_where=_NOT_ENDED),
        Index("ix_case_promised_open", "promised_until", postgresql_where=_PROMISED, sqlite_where=_PROMISED),
        Index("ix_case_state_opened", "state", "opened_at"),
        Index("ix_case_place_class", "community_code", "class_code", "opened_at"),
        Index("ix_case_street_class", "street_code", "class_code", "opened_at"),
        Index("ix_case_district_class", "district_code", "class_code", "opened_at"),
        Index("ix_case_class_opened", "class_code", "opened_at"),
        Index("ix_case_unit_opened", "unit_id", "opened_at"),
        Index("ix_case_unit_closed", "unit_id", "closed_at"),
        Index("ix_case_agent_opened", "agent_id", "opened_at"),
        Index("ix_case_asked", "verify_due_at", postgresql_where=_ASKED, sqlite_where=_ASKED),
        # For counting alone: PostgreSQL answers from the index without looking at the rows.
        Index(
            "ix_case_open_counted",
            "district_code",
            "state",
            "due_at",
            "yellow_at",
            "reworks",
            "fed_back_at",
            "id",
            postgresql_where=_NOT_ENDED,
            sqlite_where=_NOT_ENDED,
        ),
        Index(
            "ix_case_rated",
            "closed_at",
            "rating",
            postgresql_include=["id", "reopens", "agent_id", "district_code"],
            postgresql_where=_RATED,
            sqlite_where=_RATED,
        ),
        Index(
            "ix_case_ranked",
            "dispatched_at",
            postgresql_include=[
                "district_code",
                "state",
                "due_at",
                "fed_back_at",
                "reworks",
                "extensions",
                "overdue_exempt",
            ],
        ),
        # The characters of every address, for the search, stand in `fts_case_address` (on PostgreSQL alone).
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(12), default=State.REPORTED)
    source: Mapped[str] = mapped_column(String(8))
    source_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    call_id: Mapped[int | None] = mapped_column(index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

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
    district_code: Mapped[str | None] = mapped_column(String(6))
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
    filed_at: Mapped[datetime | None] = mapped_column(index=True)
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

    returns: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    # Units that have already returned it: none of them gets it again by rule alone.
    returned_by: Mapped[JsonList] = mapped_column(default=list, server_default=_NO_LIST)
    extensions: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    # Of these, those granted for a limit that another unit, or the first attempt, had.
    extensions_before: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    suspended_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None] = mapped_column(index=True)
    # The deadline as it was when the clock was stopped: what was left then is left when it runs again.
    stopped_due_at: Mapped[datetime | None]
    supervisions: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    reopens: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    should_resolve: Mapped[bool] = mapped_column(default=False, server_default=false())
    should_resolve_reason: Mapped[str] = mapped_column(String(200), default="", server_default=_EMPTY)
    # Statistics may leave the overdue mark out; the times that made it stay.
    overdue_exempt: Mapped[bool] = mapped_column(default=False, server_default=false())
    forced: Mapped[bool] = mapped_column(default=False, server_default=false())
    crew: Mapped[str] = mapped_column(String(80), default="", server_default=_EMPTY)
    verification: Mapped[str] = mapped_column(String(10), default=Verification.NONE, server_default=_EMPTY)
    verified_at: Mapped[datetime | None]
    # Who asked for the non-filing or passed the check: somebody else confirms it.
    proposed_by: Mapped[int | None]
    checked_at: Mapped[datetime | None]
    # Stage clocks; each counts while the case is in its stage, and stays as a record afterwards.
    accept_due_at: Mapped[datetime | None]
    verify_due_at: Mapped[datetime | None]
    dispatch_due_at: Mapped[datetime | None]
    check_due_at: Mapped[datetime | None]
    # What the agent told the caller; a new unit's limit does not move it.
    promised_until: Mapped[datetime | None]
    incident_id: Mapped[int | None] = mapped_column(index=True)
    # Further reporters, beside the one above (app.cases.reporters); those of an incident are counted there.
    reporters: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    # The closed case whose matter this one is again, filed too late to reopen that one.
    repeat_of: Mapped[int | None]
    # How many rows stand in `requests` and `units`: the common case has none and asks for none.
    requests_made: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    units_involved: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    voice_notes: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    # The present co-units' ids, for the rooms of every event.
    co_unit_ids: Mapped[JsonList] = mapped_column(default=list, server_default=_NO_LIST)

    # Without those taken back or hidden: nobody who asks a case for its photographs should have to think of them.
    attachments: Mapped[list["Attachment"]] = relationship(
        order_by="Attachment.id",
        primaryjoin="and_(Case.id == Attachment.case_id, Attachment.hidden_at.is_(None))",
    )
    requests: Mapped[list["CaseRequest"]] = relationship(order_by="CaseRequest.id")
    units: Mapped[list["CaseUnit"]] = relationship(order_by="CaseUnit.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def extensions_now(self) -> int:
        """How many times the limit that runs now is longer than a plain one."""
        return (self.extensions or 0) - (self.extensions_before or 0)

    @property
    def round(self) -> int:
        """How often the work was sent back: each round needs photographs of its own."""
        return self.reworks + self.reopens


class CaseRequest(Base):
    """延期, 挂账, 申诉: what a unit asked and what was decided.

    `mark`: the deadline that was missed (appeal) or is to be moved. An appeal is upheld by two reviewers.
    """

    __tablename__ = "case_request"
    __table_args__ = (Index("ix_case_request_pending", "state", "kind"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default=RequestState.PENDING)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None]
    mark: Mapped[datetime | None]
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    first_reviewer: Mapped[int | None]
    first_review: Mapped[str] = mapped_column(Text, default="")
    first_reviewed_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")


class CaseUnit(Base):
    """A co-unit's part of the work; or, kept for the record, a main unit that has the case no longer."""

    __tablename__ = "case_unit"
    __table_args__ = (
        Index("ix_case_unit_part_unit", "unit_id", "state"),
        Index("ix_case_unit_part_case", "case_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    unit_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(6), default=UnitRole.CO)
    state: Mapped[str] = mapped_column(String(12), default=UnitState.DISPATCHED)
    dispatched_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    fed_back_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")


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
    # Taken back by whoever sent it, or hidden by a supervisor: the row and the file stay, nobody else is shown them.
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[int | None]


class VoiceNote(Base):
    """What a unit said into the telephone about its case: a report or the reason of a return.

    Made before the tone, so that the carrier's callbacks can name it; without `recording_sid` nothing was said.
    `submitted`: the unit confirmed it. `words` are what the recogniser heard, piece by piece in its own numbering.
    """

    __tablename__ = "voice_note"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    purpose: Mapped[str] = mapped_column(String(8))
    round: Mapped[int]
    submitted: Mapped[bool] = mapped_column(default=False)
    recording_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    recording_url: Mapped[str | None] = mapped_column(String(500))
    seconds: Mapped[int] = mapped_column(default=0)
    words: Mapped[str | None] = mapped_column(Sealed)
    at: Mapped[datetime]


class CaseReporter(Base):
    """Each telephone once for a case and once for an incident; whoever withholds the number counts once a call.

    `own_case_id`: the case they filed themselves, if they did. `told_at`: the message that it is done has been queued,
    or there is nobody to send it to.
    """

    __tablename__ = "case_reporter"
    __table_args__ = (
        UniqueConstraint("case_id", "number_hash"),
        UniqueConstraint("case_id", "call_id"),
        UniqueConstraint("incident_id", "number_hash"),
        Index("ix_case_reporter_untold", "incident_id", "id", postgresql_where=_UNTOLD, sqlite_where=_UNTOLD),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    incident_id: Mapped[int | None] = mapped_column(BigId)
    own_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    call_id: Mapped[int | None] = mapped_column(BigId)
    via: Mapped[str] = mapped_column(String(8))
    phone: Mapped[str | None] = mapped_column(Sealed)
    number_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    words: Mapped[str | None] = mapped_column(Sealed)
    confidential: Mapped[bool] = mapped_column(default=False, server_default=false())
    sms_consent: Mapped[bool] = mapped_column(default=True)
    noted_by: Mapped[int | None]
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class DeadlineMove(Base):
    """Open deadlines counted anew under a changed calendar, case by case: `after_id` is the last case looked at."""

    __tablename__ = "deadline_move"

    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(String(12))
    before: Mapped[Json]
    after: Mapped[Json]
    asked_by: Mapped[int | None]
    asked_name: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    after_id: Mapped[int] = mapped_column(BigId, default=0)
    total: Mapped[int]
    looked_at: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(index=True)


class CaseCounter(Base):
    """The last case number given out on a day."""

    __tablename__ = "case_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
