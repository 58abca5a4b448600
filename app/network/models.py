"""Where things are, who is responsible there, and the rules that bring both together."""

from datetime import date, time

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, JsonList
from app.privacy import Sealed

_EMPTY = text("''")
_NO_LIST = text("'[]'")


class Area(Base):
    """省 市 区 街道 社区. Codes of the statistics bureau nest by prefix: 2, 4, 6, 9, 12 digits.

    `lng`, `lat` (WGS-84): a point inside the area. For streets it is estimated (within about a kilometre); communities
    are spread around their street, as no open source gives their positions.
    `category`: A, B or C (区域类别), by which handling limits differ; "" is that of the area above, at last A.
    """

    __tablename__ = "area"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    lng: Mapped[float | None]
    lat: Mapped[float | None]
    category: Mapped[str] = mapped_column(String(1), default="", server_default=_EMPTY)


class Unit(Base):
    """A member of the coordination network (网络单位): municipal body, enterprise, district or street unit.

    Its duty telephone answers by day, `night_phone` (if there is one) outside working time. Head and leader are told
    when it is late. `short_code` and the PIN (argon2) identify it to the telephone and SMS line.
    """

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
    night_phone: Mapped[str | None] = mapped_column(Sealed)
    head_name: Mapped[str] = mapped_column(String(40), default="", server_default=_EMPTY)
    head_phone: Mapped[str | None] = mapped_column(Sealed)
    leader_name: Mapped[str] = mapped_column(String(40), default="", server_default=_EMPTY)
    leader_phone: Mapped[str | None] = mapped_column(Sealed)
    short_code: Mapped[str | None] = mapped_column(String(6), unique=True)
    pin_hash: Mapped[str | None] = mapped_column(String(120))
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class RoutingRule(Base):
    """Rules are read in the order of `position`; the first that fits decides.

    `area_code` is a prefix: 330212 holds for all of 鄞州区. Validity is by day, both ends included; None is open:
    when a district is merged, its rules end on a date and the history stays explainable.
    Beside place and subject a rule can ask for a filing condition, a time of day (which may pass midnight), weekdays
    ("12345"), a season ("MM-DD", may pass the new year), and that its unit has fewer than `most_load` cases at hand.
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
    condition_no: Mapped[int | None]
    time_from: Mapped[time | None]
    time_to: Mapped[time | None]
    weekdays: Mapped[str] = mapped_column(String(7), default="", server_default=_EMPTY)
    season_from: Mapped[str] = mapped_column(String(5), default="", server_default=_EMPTY)
    season_to: Mapped[str] = mapped_column(String(5), default="", server_default=_EMPTY)
    most_load: Mapped[int | None]
    co_unit_ids: Mapped[JsonList] = mapped_column(default=list, server_default=_NO_LIST)
    crew: Mapped[str] = mapped_column(String(80), default="", server_default=_EMPTY)
    duty_phone: Mapped[str | None] = mapped_column(Sealed)
    note: Mapped[str] = mapped_column(String(200), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class NetworkStamp(Base):
    """Changes with every edit of areas ("areas") or of units and rules ("routing"): processes drop what they keep."""

    __tablename__ = "network_stamp"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(32))
