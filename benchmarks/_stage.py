"""The product as it runs in a city, on this machine: durable PostgreSQL, Valkey, and web processes under gunicorn."""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.local.child import Child, wait_until
from scripts.local.parts import answers_ok
from scripts.local.ports import free_port
from scripts.local.postgres import Postgres
from scripts.local.valkey import Valkey

ROOT = Path(__file__).parent.parent
SHARED = "BENCHMARK_STAGE"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Stage:
    """`url`: what the product takes for its address; `hosts`: where each of its web processes listens."""

    url: str
    hosts: list[str]
    database_url: str
    environment: dict[str, str]
    web_pids: list[int]
    database_pid: int

    @property
    def auth_token(self) -> str:
        return self.environment["TWILIO_AUTH_TOKEN"]

    def cpu_seconds(self) -> float:
        """What the web processes have used so far."""
        return sum(_cpu(pid) for master in self.web_pids for pid in [master, *_children(master)])

    def database_cpu_seconds(self) -> float:
        """What the database's processes that still live have used."""
        return sum(_cpu(pid) for pid in [self.database_pid, *_children(self.database_pid)])


@contextmanager
def stage(processes: int = 1) -> Iterator[Stage]:
    """Migrated and seeded with the demonstration city; torn down at the end. Within `shared()`: that one's.

    `processes`: instances of the web process, each with a port of its own, as docs/deployment.md puts them behind a
    proxy. Whoever asks them spreads the requests as the proxy does.
    """
    if SHARED in os.environ:
        yield Stage(**json.loads(os.environ[SHARED]))
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
        for server in (postgres, valkey):
            server.start()
            stack.callback(server.stop)
        ports = [free_port() for _ in range(processes)]
        environment = _environment(folder, ports[0], postgres.create_database("hotline"), valkey.url)
        log = stack.enter_context((folder / "log").open("wb"))
        prepare = (sys.executable, "-m", "flask", "--app", "wsgi", "hotline", "prepare")
        if Child(prepare, environment=environment, output=log, directory=ROOT).process.wait() != 0:
            raise SystemExit((folder / "log").read_text()[-2000:])
        hosts = [f"127.0.0.1:{port}" for port in ports]
        webs = []
        for host in hosts:
            serve = (sys.executable, "-m", "gunicorn", "--bind", host, "wsgi:app")
            webs.append(Child(serve, environment=environment, output=log, directory=ROOT))
            stack.callback(webs[-1].stop)
        for host, web in zip(hosts, webs, strict=True):
            _wait_for(f"http://{host}/readyz", web)
        database = postgres.child.pid if postgres.child else 0
        url = environment["PUBLIC_BASE_URL"]
        yield Stage(url, hosts, environment["DATABASE_URL"], environment, [web.pid for web in webs], database)


def _wait_for(url: str, web: Child) -> None:
    wait_until(lambda: answers_ok(url), web, "web", 60)


@contextmanager
def shared() -> Iterator[None]:
    """One stage for all benchmarks that this process starts meanwhile: for a look whether they work."""
    with stage() as target:
        os.environ[SHARED] = json.dumps(asdict(target))
        try:
            yield
        finally:
            del os.environ[SHARED]


def _environment(folder: Path, port: int, database: str, broker: str) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "ENVIRONMENT": "demo",
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": secrets.token_hex(32),
        "DATA_KEY": secrets.token_hex(32),
        "CARRIER": "emulator",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_KEY": "SK" + "0" * 32,
        "TWILIO_API_SECRET": secrets.token_hex(32),
        "TWILIO_APPLICATION_SID": "AP" + "0" * 32,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:9",
        "LOG_LEVEL": "WARNING",
    }


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
