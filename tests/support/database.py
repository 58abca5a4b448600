"""Databases for tests: one server per pytest worker, the schema made once, a copy for whoever commits."""

import os
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, pool

from app.db import Base
from scripts.local.postgres import Postgres

ROOT = Path(__file__).parent.parent.parent


def alembic_config(url: str) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def make_schema(url: str) -> None:
    """By the migrations, as in production. TEST_SCHEMA=models takes the models instead, while tables are in flux."""
    if os.environ.get("TEST_SCHEMA") == "models" or not list((ROOT / "migrations/versions").glob("*.py")):
        _make_tables(url)
    else:
        command.upgrade(alembic_config(url), "head")


def _make_tables(url: str) -> None:
    for path in sorted((ROOT / "app").glob("*/models.py")):
        import_module(f"app.{path.parent.name}.models")
    engine = create_engine(url, poolclass=pool.NullPool)
    Base.metadata.create_all(engine)
    engine.dispose()


def copy_of(server: Postgres, template: str, name: str = "") -> str:
    """A new database like `template`, to which nobody may be connected, in the place of the last one; its URL."""
    name = name or f"copy_of_{template}"
    with server.connect("postgres") as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
    return server.create_database(name, template)
