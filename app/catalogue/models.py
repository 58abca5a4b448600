"""The catalogue is data, and versioned: a case keeps the version it was filed under; old versions stay readable."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id


class CatalogueVersion(Base):
    """The highest number is the one in force. `stamp` is random: caches never mistake a reused id for the same rows."""

    __tablename__ = "catalogue_version"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(400), default="")
    stamp: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class CaseClass(Base):
    """A minor class (小类) of components or events."""

    __tablename__ = "case_class"
    __table_args__ = (UniqueConstraint("version_id", "code"),)

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"))
    code: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(10))
    major_code: Mapped[str] = mapped_column(String(2))
    major_name: Mapped[str] = mapped_column(String(40))
    display_major: Mapped[str] = mapped_column(String(40))
    minor_code: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    national_code: Mapped[str] = mapped_column(String(8))
    primary_unit_type: Mapped[str] = mapped_column(String(40))
    secondary_unit_type: Mapped[str] = mapped_column(String(40))
    urgency: Mapped[str] = mapped_column(String(10))
    safety_critical: Mapped[bool]
    frequency: Mapped[str] = mapped_column(String(8))
    standard: Mapped[str] = mapped_column(String(40))
    certainty: Mapped[str] = mapped_column(String(10))


class FilingCondition(Base):
    """立案条件: each has its own limit and closing condition. B and C areas may have limits of their own."""

    __tablename__ = "filing_condition"
    __table_args__ = (UniqueConstraint("version_id", "class_code", "no"),)

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"))
    class_code: Mapped[str] = mapped_column(String(8))
    no: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    limit_value: Mapped[int]
    limit_unit: Mapped[str] = mapped_column(String(12))
    limit_value_b: Mapped[int | None]
    limit_unit_b: Mapped[str | None] = mapped_column(String(12))
    limit_value_c: Mapped[int | None]
    limit_unit_c: Mapped[str | None] = mapped_column(String(12))
    closing: Mapped[str] = mapped_column(String(200))
    certainty: Mapped[str] = mapped_column(String(10))


class Calendar(Base):
    """The working time of an area. `stamp` changes with every edit of its periods and days."""

    __tablename__ = "calendar"

    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    stamp: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}


class WorkingPeriod(Base):
    """`weekdays` lists Monday as 1 … Sunday as 7: "12345". Both dates are included; None is open."""

    __tablename__ = "working_period"
    __table_args__ = (Index(None, "calendar_id"),)

    id: Mapped[Id]
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id"))
    starts: Mapped[time]
    ends: Mapped[time]
    weekdays: Mapped[str] = mapped_column(String(7), default="12345")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class SpecialDay(Base):
    """A public holiday or a make-up working day; `provisional` until the State Council has published the year."""

    __tablename__ = "special_day"
    __table_args__ = (UniqueConstraint("calendar_id", "day"),)

    id: Mapped[Id]
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))
    provisional: Mapped[bool] = mapped_column(default=False)
