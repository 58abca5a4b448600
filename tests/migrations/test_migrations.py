"""The schema's history runs forwards and backwards on both databases and ends where the models are."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, pool

from scripts.local.postgres import Postgres
from tests.support.database import ROOT, alembic_config


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database(f"empty_{request.node.originalname}")


@pytest.fixture
def config(empty_url: str) -> Config:
    return alembic_config(empty_url)


@pytest.fixture
def tables(empty_url: str) -> Callable[[], set[str]]:
    """The product's tables that exist now."""

    def look() -> set[str]:
        engine = create_engine(empty_url, poolclass=pool.NullPool)
        names = set(inspect(engine).get_table_names()) - {"alembic_version"}
        engine.dispose()
        return names

    return look


def test_up_down_and_up_again(config: Config, tables: Callable[[], set[str]]) -> None:
    command.upgrade(config, "head")
    there = tables()
    assert {"case", "event", "account"} <= {name.removesuffix("s") for name in there}
    command.downgrade(config, "base")
    assert tables() == set()
    command.upgrade(config, "head")
    assert tables() == there


def test_the_history_ends_where_the_models_are(config: Config) -> None:
    command.upgrade(config, "head")
    command.check(config)  # raises with the differences


def test_there_is_one_line_of_history(config: Config) -> None:
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_a_migration_that_fails_on_sqlite_leaves_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_bytes((ROOT / "migrations" / "env.py").read_bytes())
    (folder / "versions" / "one.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = 'one', None\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer))\n"
        "    op.execute('SELECT no_such_function()')\n"
    )
    config = alembic_config(f"sqlite:///{tmp_path / 'half.db'}")
    config.set_main_option("script_location", str(folder))
    with pytest.raises(Exception, match="no_such_function"):
        command.upgrade(config, "head")
    with sqlite3.connect(tmp_path / "half.db") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()
