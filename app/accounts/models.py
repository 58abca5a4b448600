"""People who work with the system."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.roles import Principal, Role
from app.db import Base, Id, JsonList
from app.privacy import Sealed


class Account(Base):
    """`area_code` bounds what an inspector or leader sees; `unit_id` is a handler's unit."""

    __tablename__ = "account"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    work_no: Mapped[str] = mapped_column(String(12), unique=True)
    roles: Mapped[JsonList]
    area_code: Mapped[str] = mapped_column(String(12), default="3302")
    unit_id: Mapped[int | None] = mapped_column(index=True)
    phone: Mapped[str | None] = mapped_column(Sealed)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # Raised by a password change or a lock: every session begun before it is over.
    session_epoch: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_login_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def as_principal(self) -> Principal:
        return Principal(
            id=self.id,
            name=self.name,
            work_no=self.work_no,
            roles=frozenset(Role(role) for role in self.roles),
            area_code=self.area_code,
            unit_id=self.unit_id,
        )


class ApiToken(Base):
    """A machine's key to the API, with an account's rights. Only its hash is kept; `prefix` tells it apart."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    prefix: Mapped[str] = mapped_column(String(12))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
