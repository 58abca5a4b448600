"""One operating-system process that we own: started in its own group, stopped politely, killed if need be."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from scripts.local.refusal import Refusal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    # If we are killed with -9, nobody is left to stop the children; the kernel does it (Linux only).
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A running process. `output` receives what it prints; its process group is its own, so Ctrl-C reaches only us."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        output: IO[bytes] | int | None = subprocess.DEVNULL,
        directory: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.stop_signal = stop_signal
        self.process = subprocess.Popen(
            list(command),
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self, patience: float = 10.0) -> None:
        """Asks the leader to stop, waits, then sweeps up whatever its group left behind."""
        if self.is_running():
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group; pool processes and workers of a dead leader must not hold its port."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def wait_until(is_ready: Callable[[], bool], child: Child | None, what: str, patience: float = 30.0) -> None:
    """Polls `is_ready`; refuses when the child ends first or the patience (seconds) is used up."""
    give_up = time.monotonic() + patience
    while not is_ready():
        if child is not None and not child.is_running():
            raise Refusal(f"{what} 启动后立即退出(退出码 {child.process.returncode})。")
        if time.monotonic() > give_up:
            raise Refusal(f"{what} 在 {patience:.0f} 秒内没有就绪。")
        time.sleep(0.02)
