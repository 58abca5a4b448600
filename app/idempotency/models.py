"""Answers to writes that a client may send twice."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Json


class IdempotencyKey(Base):
    """Kept with the write itself, in one transaction; `status` 0 while the first request is still at work."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int] = mapped_column(default=0)
    answer: Mapped[Json]
