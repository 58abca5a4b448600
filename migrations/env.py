"""Alembic's environment: one history for SQLite and PostgreSQL, each migration in one transaction on both."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection, create_engine, event, pool, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeDecorator

from app.db import Base

# Any number; only that every migrating process of this product asks for the same one matters.
MIGRATION_LOCK = 9_631_000
APP = Path(__file__).parent.parent / "app"


def load_models() -> None:
    """Every package's models.py registers its tables on Base when it is imported."""
    for path in sorted(APP.glob("*/models.py")):
        import_module(f"app.{path.parent.name}.models")


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Migrations spell out plain SQL types: they must still run when today's Python classes are gone."""
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    if isinstance(item, JSON) and item._variant_mapping:
        return 'sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")'
    return False


def include_object(item: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Leaves out what exists on one database only: full-text columns and indexes are written by hand."""
    if kind == "table":
        return not (name or "").startswith("fts_")
    if kind == "column" and reflected and isinstance(item.type, TSVECTOR):
        return False
    if kind == "index":
        return not (name or "").startswith("fts_")
    return True


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter a constraint: a table is copied instead; on PostgreSQL the same lines alter it.
        render_as_batch=True,
        render_item=render_item,
        include_object=include_object,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Several servers may start a new release at once; the second waits and then finds nothing to do.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


def run_from_url() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ["DATABASE_URL"]
    # Own engine, not app.db's: foreign keys stay off while SQLite's batch mode copies tables.
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        _make_ddl_transactional(engine)
    with engine.connect() as connection:
        run(connection)


def _make_ddl_transactional(engine: Any) -> None:
    # Python's driver commits before DDL of its own accord; taking over BEGIN makes a failed migration leave no trace.
    @event.listens_for(engine, "connect")
    def _take_over(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


load_models()
if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    run_from_url()
