"""What the application's own database role may do: everything but changing what has happened (PostgreSQL)."""

import re

from sqlalchemy import text

from app.db import Base, session
from app.errors import Invalid, NotFound

APPEND_ONLY = ("event", "day_seal", "sealed_tail", "access_line")


def grant(role: str) -> None:
    """Called by the owner of the tables, after each migration: new tables need their grants too."""
    if session().get_bind().dialect.name != "postgresql":
        raise Invalid("只有 PostgreSQL 区分数据库角色；SQLite 由触发器保护")
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise Invalid("角色名只能有小写字母、数字和下划线")
    if session().scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
        raise NotFound(f"没有数据库角色 {role}，请先 CREATE ROLE")
    if session().scalar(text("SELECT current_user")) == role:
        raise Invalid("请用表的所有者执行，不能给自己授权")
    for statement in _statements(role):
        session().execute(text(statement))


def _statements(role: str) -> list[str]:
    history = ", ".join(APPEND_ONLY)
    tables = ", ".join(f'"{name}"' for name in sorted(Base.metadata.tables) if name not in APPEND_ONLY)
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}",
        f"GRANT SELECT, INSERT ON {history} TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
