"""The embedded PostgreSQL, as the supervisor and the tests use it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from scripts.local import postgres as local_postgres
from scripts.local.ports import is_free
from scripts.local.postgres import Postgres
from scripts.local.refusal import Refusal


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    made = Postgres(tmp_path / "postgres", password="only-for-this-test", careless=True)
    made.start()
    yield made
    made.stop()


def test_is_version_18_and_speaks_utf8(server: Postgres) -> None:
    with server.connect("postgres") as connection:
        (version,) = connection.execute("SHOW server_version_num").fetchone() or ("",)
        (encoding,) = connection.execute("SHOW server_encoding").fetchone() or ("",)
        assert connection.execute("SELECT '𠮷野家🙂'").fetchone() == ("𠮷野家🙂",)
    assert version.startswith("18")
    assert encoding == "UTF8"


def test_answers_only_to_who_knows_the_password(server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=server.port, user="hotline", dbname="postgres", password="guess")


def test_keeps_what_it_committed_when_it_is_killed(server: Postgres) -> None:
    server.create_database("kept")
    with server.connect("kept") as connection:
        connection.execute("CREATE TABLE line AS SELECT generate_series(1, 100) AS n")
    assert server.child is not None
    server.child.process.send_signal(signal.SIGKILL)
    server.child.process.wait()
    server.start()
    with server.connect("kept") as connection:
        assert connection.execute("SELECT count(*) FROM line").fetchone() == (100,)


def test_a_second_supervisor_ends_the_server_that_a_killed_one_left_behind(server: Postgres) -> None:
    server.create_database("kept")
    successor = Postgres(server.folder, password=server.password, careless=True)
    successor.start()
    try:
        assert is_free(server.port)
        with successor.connect("kept") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        successor.stop()


def test_a_database_is_created_once(server: Postgres) -> None:
    assert server.create_database("once") == server.create_database("once")


def test_says_what_to_do_when_there_is_no_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_postgres, "_candidates", lambda: [tmp_path])
    with pytest.raises(Refusal, match="DATABASE_URL"):
        Postgres(tmp_path / "data")


def test_says_what_to_do_when_root_may_not_open_a_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refusal, match="root"):
        Postgres(tmp_path / "data")
