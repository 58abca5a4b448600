"""The embedded Valkey, as the supervisor and the tests use it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from scripts.local.ports import is_free
from scripts.local.valkey import Valkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path / "valkey", password="only-for-this-test")
    made.start()
    yield made
    made.stop()


def client_of(server: Valkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, socket_timeout=5)


def test_answers_on_loopback_to_who_knows_the_password(server: Valkey) -> None:
    with client_of(server) as client:
        assert client.ping()
    with (
        redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_listens_on_loopback_only(server: Valkey) -> None:
    with client_of(server) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_does_not_show_its_password_in_the_process_list(server: Valkey) -> None:
    assert server.child is not None
    shown = Path(f"/proc/{server.child.pid}/cmdline").read_text()
    assert "valkey" in shown
    assert server.password not in shown
    assert (server.folder / "valkey.conf").stat().st_mode & 0o077 == 0


def test_keeps_what_it_acknowledged_when_it_is_killed(server: Valkey) -> None:
    with client_of(server) as client:
        client.rpush("queue", *range(100))
        assert server.child is not None
        server.child.process.send_signal(signal.SIGKILL)
        server.child.process.wait()
    server.start()
    with client_of(server) as client:
        assert client.llen("queue") == 100


def test_gives_its_port_back_when_it_stops(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "valkey")
    server.start()
    assert not is_free(server.port)
    server.stop()
    assert is_free(server.port)


def test_refuses_writes_rather_than_forgetting_tasks(server: Valkey) -> None:
    with client_of(server) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
