"""What agents answer with when a call is a question: articles of the city's own knowledge."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, JsonList


class Article(Base):
    """`code` is the city's own number and names the row in tables. `uses`: calls that were answered from it.

    `class_codes`: classes of the catalogue it belongs to. A retired article is kept for the calls that name it.
    """

    __tablename__ = "article"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    keywords: Mapped[str] = mapped_column(String(200), default="")
    class_codes: Mapped[JsonList]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    uses: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
