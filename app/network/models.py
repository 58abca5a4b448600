"""Where things are, who is responsible there, and the rules that bring both together."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id
from app.privacy import Sealed


class Area(Base):
    """省 市 区 街道 社区. Codes of the statistics bureau nest by prefix: 2, 4, 6, 9, 12 digits.

    `lng`, `lat` (WGS-84): a point inside the area. For streets it is estimated (within about a kilometre); communities
    are spread around their street, as no open source gives their positions.
    """

    __tablename__ = "area"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    lng: Mapped[float | None]
    lat: Mapped[float | None]


class Unit(Base):
    """A member of the coordination network (网络单位): municipal body, enterprise, district or street unit."""

    __tablename__ = "unit"
    __table_args__ = (Index(None, "area_code", "unit_type"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    unit_type: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(10))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    duty_phone: Mapped[str | None] = mapped_column(Sealed)
    contact: Mapped[str] = mapped_column(String(40), default="")
    channel: Mapped[str] = mapped_column(String(10), default="web")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class RoutingRule(Base):
    """Rules are read in the order of `position`; the first that fits decides.

    `area_code` is a prefix: 330212 holds for all of 鄞州区. Validity is by day, both ends included; None is open:
    when a district is merged, its rules end on a date and the history stays explainable.
    """

    __tablename__ = "routing_rule"
    __table_args__ = (Index(None, "position"),)

    id: Mapped[Id]
    position: Mapped[int]
    area_code: Mapped[str] = mapped_column(String(12))
    subject_kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class NetworkStamp(Base):
    """Changes with every edit of areas ("areas") or of units and rules ("routing"): processes drop what they keep."""

    __tablename__ = "network_stamp"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(32))
