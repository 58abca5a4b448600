"""The supervisor over small processes: what it promises whatever the parts are."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.local.parts import Part, Step
from scripts.local.ports import answers, free_port, is_free
from scripts.local.refusal import Refusal
from scripts.local.supervisor import Supervisor

LISTENER = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
while True:
    server.accept()[0].close()
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
LEADER_WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def listener(name: str, port: int) -> Part:
    return Part(name, (sys.executable, "-c", LISTENER, str(port)), is_ready=lambda: answers(port))


def script(name: str, code: str, **options: Any) -> Part:
    return Part(name, (sys.executable, "-c", code), **options)


def eventually(happens: Callable[[], object], patience: float = 15.0) -> None:
    give_up = time.monotonic() + patience
    while not happens():
        assert time.monotonic() < give_up, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def states() -> list[dict[str, Any]]:
    """Every state that the supervisor told, oldest first."""
    return []


@pytest.fixture
def supervisor(tmp_path: Path, states: list[dict[str, Any]]) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, os.environ, tmp_path, tell=states.append)
    yield made
    made.stop()


@pytest.fixture
def watching(supervisor: Supervisor) -> Iterator[Callable[[], None]]:
    """Lets the supervisor watch beside the test."""
    threads: list[threading.Thread] = []

    def watch() -> None:
        threads.append(threading.Thread(target=supervisor.watch))
        threads[0].start()

    yield watch
    supervisor.is_stopping = True
    for thread in threads:
        thread.join(10)


def log_of(supervisor: Supervisor, name: str) -> str:
    return (supervisor.log_dir / f"{name}.log").read_text(encoding="utf-8")


def test_start_returns_when_every_part_answers(supervisor: Supervisor) -> None:
    ports = [free_port(), free_port()]
    supervisor.start([listener("one", ports[0]), listener("two", ports[1])])
    assert all(answers(port) for port in ports)


def test_a_killed_part_comes_back_on_its_port(
    supervisor: Supervisor, states: list[dict[str, Any]], watching: Callable[[], None]
) -> None:
    port = free_port()
    supervisor.start([listener("one", port)])
    first = states[-1]["parts"]["one"]["pid"]
    watching()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: states[-1]["parts"].get("one", {}).get("starts") == 2)
    assert states[-1]["parts"]["one"]["pid"] != first
    eventually(lambda: answers(port))


def test_a_part_that_keeps_dying_is_tried_less_and_less_often(
    supervisor: Supervisor, states: list[dict[str, Any]], watching: Callable[[], None]
) -> None:
    supervisor.start([script("sick", "import time; time.sleep(0.2)")])
    watching()
    eventually(lambda: states[-1]["parts"].get("sick", {}).get("starts", 0) >= 3)
    assert supervisor.posts[0].pause >= 0.8


def test_the_children_of_a_dead_part_are_not_left_behind(
    supervisor: Supervisor, states: list[dict[str, Any]], watching: Callable[[], None]
) -> None:
    supervisor.start([script("leader", LEADER_WITH_CHILD)])
    eventually(lambda: log_of(supervisor, "leader").strip())
    orphan = int(log_of(supervisor, "leader").split()[0])
    watching()
    os.kill(states[-1]["parts"]["leader"]["pid"], signal.SIGKILL)
    eventually(lambda: not is_alive(orphan))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_part_that_ends_at_once_is_refused_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match="no such setting"):
        supervisor.start([script("broken", "import time, sys; time.sleep(0.1); sys.exit('no such setting')",
                                 is_ready=lambda: False)])  # fmt: skip


def test_a_part_that_never_gets_ready_is_refused(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match="slow"):
        supervisor.start([script("slow", "import time; time.sleep(60)", is_ready=lambda: False)], patience=0.3)


def test_parts_stop_in_the_opposite_order(supervisor: Supervisor, tmp_path: Path) -> None:
    code = (
        "import signal, sys, time, pathlib\n"
        "def leave(*_):\n"
        "    with open('order', 'a') as f: f.write(sys.argv[1] + ' ')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(60)\n"
    )
    for name in ("first", "second", "third"):
        part = Part(name, (sys.executable, "-c", code, name), is_ready=(tmp_path / name).exists)
        supervisor.start([part])
    supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]


def test_a_part_that_ignores_the_signal_is_killed(supervisor: Supervisor) -> None:
    supervisor.start([script("deaf", STUBBORN, patience=0.3)])
    eventually(lambda: "deaf" in log_of(supervisor, "deaf"))
    process = supervisor.posts[0].child
    assert process is not None
    supervisor.stop()
    assert process.process.returncode == -signal.SIGKILL


def test_a_failing_step_is_refused_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match=r"migrate .*table is missing"):
        supervisor.run_step(Step("migrate", (sys.executable, "-c", "import sys; sys.exit('table is missing')")))


def test_each_line_of_a_part_is_kept_even_if_it_is_not_utf8(supervisor: Supervisor) -> None:
    supervisor.run_step(Step("odd", (sys.executable, "-c", r"import os; os.write(1, b'caf\xe9\n\xe4\xba\x95\n')")))
    eventually(lambda: "井" in log_of(supervisor, "odd"))
    assert "caf" in log_of(supervisor, "odd")


def test_ports_tell_why_they_cannot_be_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])
