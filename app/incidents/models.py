"""集中事件: a matter that many report at once, and the rules by which one is proposed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.db import Base, BigId, Id, JsonList


class State(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    ENDED = "ended"


ACTIVE = (State.PROPOSED, State.CONFIRMED)
LABELS = {
    State.PROPOSED: "待确认",
    State.CONFIRMED: "进行中",
    State.DISMISSED: "不是同一事件",
    State.ENDED: "已结束",
}
_ACTIVE = text("state IN ('proposed', 'confirmed')")
_UNTOLD = text("state = 'ended' AND is_fixed AND told_at IS NULL")


class Incident(Base):
    """`version` rises with every caller: consoles drop stale pushes by it. `edition` counts people's decisions only:
    whoever edits the announcement must not lose to the next caller. `stamp` is renewed with what callers hear.

    `case_ids`, `call_ids`: what made it up; those attached carry its id. At most one is active for a matter and place.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index("ux_incident_active", "matter", "area_code", unique=True, postgresql_where=_ACTIVE, sqlite_where=_ACTIVE),
        Index("ix_incident_state", "state", "id"),
        Index("ix_incident_untold", "id", postgresql_where=_UNTOLD, sqlite_where=_UNTOLD),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    edition: Mapped[int] = mapped_column(default=1)
    stamp: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[str] = mapped_column(String(10), default=State.PROPOSED)
    matter: Mapped[str] = mapped_column(String(30))
    area_code: Mapped[str] = mapped_column(String(12))
    class_code: Mapped[str] = mapped_column(String(8))
    class_name: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    # As the rule had them then: what belongs to an incident does not change with a rule.
    classes: Mapped[JsonList] = mapped_column(default=list)
    spoken: Mapped[str] = mapped_column(String(60))
    people_needed: Mapped[int]
    minutes: Mapped[int]

    case_ids: Mapped[JsonList] = mapped_column(default=list)
    call_ids: Mapped[JsonList] = mapped_column(default=list)
    reports: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    announcement: Mapped[str] = mapped_column(String(200), default="")
    expected_until: Mapped[datetime | None]
    main_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    is_fixed: Mapped[bool] = mapped_column(default=False)
    # The line of history that every message about the end hangs on: unique with the recipient.
    ended_event_id: Mapped[int | None] = mapped_column(BigId)
    told_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        return f"SJ{clock.local(self.opened_at):%y%m%d}-{self.id:03d}"


class IncidentRule(Base):
    """An edited rule; as long as there is none, the default rules hold. `classes`: codes or beginnings of codes."""

    __tablename__ = "incident_rule"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(16), unique=True)
    place: Mapped[int]
    name: Mapped[str] = mapped_column(String(30))
    spoken: Mapped[str] = mapped_column(String(30), default="")
    classes: Mapped[JsonList] = mapped_column(default=list)
    level: Mapped[str] = mapped_column(String(10))
    people: Mapped[int]
    minutes: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
