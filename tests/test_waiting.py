"""Waiting for PostgreSQL on gevent's hub: everybody else goes on meanwhile, and errors arrive as they are."""

from collections.abc import Iterator

import gevent
import psycopg
import pytest

from app.waiting import HubConnection


@pytest.fixture
def connection(postgres_url: str) -> Iterator[HubConnection]:
    made = HubConnection.connect(postgres_url.replace("+psycopg", ""), autocommit=True)
    yield made
    made.close()


def test_others_go_on_while_one_waits_for_the_server(connection: HubConnection) -> None:
    order: list[str] = []
    slow = gevent.spawn(lambda: order.append(str(connection.execute("SELECT 'slow', pg_sleep(0.3)").fetchone()[0])))  # type: ignore[index]
    quick = gevent.spawn(order.append, "quick")
    gevent.joinall([slow, quick], timeout=10, raise_error=True)
    assert order == ["quick", "slow"]


def test_much_comes_and_goes_whole(connection: HubConnection) -> None:
    text = "井盖" * 500_000
    row = connection.execute("SELECT %s::text || generate_series FROM generate_series(1, 3)", (text,)).fetchall()
    assert [found for (found,) in row] == [f"{text}{number}" for number in (1, 2, 3)]


def test_a_result_is_described_as_the_driver_does_it(connection: HubConnection, postgres_url: str) -> None:
    asked = "SELECT 1 AS one, '二' AS two"
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as plain:
        usual = plain.execute(asked).description
    lean = connection.execute(asked).description
    assert [(column[0], column[1]) for column in lean] == [(column[0], column[1]) for column in usual or ()]
    assert connection.execute("SET search_path TO public").description is None


def test_an_error_is_the_servers_own_and_the_connection_lives(connection: HubConnection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("SELECT 1 / 0")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_that_the_server_ends_is_seen(connection: HubConnection, postgres_url: str) -> None:
    waiting = gevent.spawn(connection.execute, "SELECT pg_sleep(30)")
    gevent.sleep(0.1)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with gevent.Timeout(10), pytest.raises(psycopg.OperationalError):
        waiting.get()
    assert connection.closed
