"""The whole product as real processes, started the way `make run` starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from scripts.local.child import die_with_parent
from scripts.local.parts import answers_ok
from scripts.local.plan import ROOT, read_env_file
from scripts.local.ports import free_port, is_free

KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR")
DATABASES = ("sqlite", "postgresql")
SHARED = {"system", "sqlite_system", "postgres_system"}
FOLDER = "tests/system/"
HEAVY = SHARED | {"browser", "page", "new_page"}


def eventually(happens: Callable[[], object], what: str = "it", patience: float = 30.0) -> Any:
    """Waits for a true value and returns it. A limit against hanging, not a promise about speed."""
    give_up = time.monotonic() + patience
    while not (value := happens()):
        if time.monotonic() > give_up:
            raise AssertionError(f"{what} did not happen within {patience:.0f} s")
        time.sleep(0.05)
    return value


def process_is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@dataclass
class System:
    """One running product. `start` waits until it is ready; `kill` is kill -9 of a part and all its children."""

    data_dir: Path
    database: str = "sqlite"
    changes: dict[str, str] = field(default_factory=dict)
    port: int = 0
    emulator_port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def emulator_url(self) -> str:
        return f"http://localhost:{self.emulator_port}"

    @property
    def console(self) -> Path:
        """Everything that `make run` printed."""
        return self.data_dir.parent / f"{self.data_dir.name}.console.log"

    def start(self) -> "System":
        self.launch()
        self._await_ready(120)
        return self

    def launch(self) -> "subprocess.Popen[bytes]":
        """Begins to start, without waiting."""
        self.port, self.emulator_port = self.port or free_port(), self.emulator_port or free_port()
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {
            "DATA_DIR": str(self.data_dir),
            "DATABASE": self.database,
            "PORT": str(self.port),
            "EMULATOR_PORT": str(self.emulator_port),
        }
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.local"], cwd=ROOT, env={**environment, **self.changes},
                stdout=console, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=die_with_parent,  # whoever ends the tests ends the system too
            )  # fmt: skip
        return self.process

    def _await_ready(self, patience: float) -> None:
        def is_ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"the system ended:\n{self.printed()[-4000:]}"
            return self.status().get("is_complete") is True and self.is_ready()

        try:
            eventually(is_ready, "the start of the system", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.printed()[-4000:]}") from None

    def printed(self) -> str:
        return self.console.read_text(encoding="utf-8", errors="replace") if self.console.exists() else ""

    def log(self, part: str) -> str:
        file = self.data_dir / "log" / f"{part}.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(90)
        self.process = None
        return code

    def stop_leaving_nothing(self) -> None:
        """Ctrl-C ends everything: no process stays, no port stays taken."""
        pids = [part["pid"] for part in self.parts().values()]
        assert self.stop() == 0, self.printed()[-4000:]
        assert all(process_is_gone(pid) for pid in pids)
        assert is_free(self.port)
        assert is_free(self.emulator_port)

    def parts(self) -> dict[str, dict[str, int]]:
        """`{"web": {"pid": …, "starts": …}, …}`; a dead part is missing until it is back."""
        return dict(self.status()["parts"])

    def status(self) -> dict[str, Any]:
        """What the supervisor writes about itself; empty before it does."""
        file = self.data_dir / "run" / "status.json"
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}

    def kill(self, part: str) -> None:
        """SIGKILL to the part's whole process group, as a crash or the kernel's memory killer would."""
        os.killpg(self.parts()[part]["pid"], signal.SIGKILL)

    def kill_and_wait(self, part: str, patience: float = 60.0) -> None:
        """Returns when the supervisor has started the part again; it may still need a moment to answer."""
        starts = self.parts()[part]["starts"]
        self.kill(part)
        eventually(lambda: self.parts().get(part, {}).get("starts", 0) > starts, f"{part}'s return", patience)

    def is_ready(self) -> bool:
        return answers_ok(f"{self.url}/readyz")

    def environment(self) -> dict[str, str]:
        """The settings that the parts got: REDIS_URL, DATABASE_URL, the secrets."""
        return read_env_file(self.data_dir / "run" / "environment")

    def command(self, *arguments: str) -> str:
        """Runs `flask hotline …` against this system and returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "hotline", *arguments],
            cwd=ROOT, env={**os.environ, **self.environment()}, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return done.stdout


def _shared(database: str, factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(factory.mktemp(database) / "var", database)
    try:
        yield system.start()
        system.stop_leaving_nothing()
    finally:
        system.stop()


@pytest.fixture(scope="session")
def sqlite_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One running demonstration on SQLite, shared by the worker's tests."""
    yield from _shared("sqlite", tmp_path_factory)


@pytest.fixture(scope="session")
def postgres_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One running demonstration on PostgreSQL, shared by the worker's tests."""
    yield from _shared("postgresql", tmp_path_factory)


@pytest.fixture(params=DATABASES)
def system(request: pytest.FixtureRequest) -> System:
    """A shared running demonstration; the test runs once on each database."""
    name = "postgres_system" if request.param == "postgresql" else "sqlite_system"
    shared = request.getfixturevalue(name)
    assert isinstance(shared, System)
    return shared


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs a browser or a system, and puts the longest first."""
    for item in items:
        needs = set(getattr(item, "fixturenames", ()))
        if HEAVY & needs:
            item.add_marker(pytest.mark.process)
        if SHARED & needs and not item.nodeid.startswith(FOLDER):
            raise pytest.UsageError(f"{item.nodeid} needs a running system: such tests stand in {FOLDER}")
    items.sort(key=lambda item: (not item.nodeid.startswith(FOLDER), item.get_closest_marker("process") is None))


class SystemsStartOnce(LoadFileScheduling):
    """A file stays with one worker. Of tests/system, what runs on both databases goes to one worker and the rest to
    another: each has its systems for itself, starts them once, and both are soon free for everything else."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        if not nodeid.startswith(FOLDER):
            return file
        return f"{FOLDER}{'both' if file in self._on_both else 'one'}"

    @cached_property
    def _on_both(self) -> set[str]:
        return {node.split("::")[0] for node in self.collection if any(f"[{name}" in node for name in DATABASES)}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SystemsStartOnce | None:
    return SystemsStartOnce(config, log) if config.getoption("dist") == "loadfile" else None
