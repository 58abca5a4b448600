"""Keeps the parts running: starts them in order, restarts what dies, stops them in the opposite order."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from scripts.local.child import Child
from scripts.local.journal import Journal, say
from scripts.local.parts import Part, Step
from scripts.local.refusal import Refusal

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0
# A part that lived this long has recovered: its next death is again the first.
RECOVERED_AFTER = 30.0
_TICK = 0.05


class StopAsked(Exception):
    """Ctrl-C or SIGTERM arrived while the system was still starting."""


@dataclass
class Post:
    """A part and the process that fills it at the moment."""

    part: Part
    journal: Journal
    child: Child | None = None
    starts: int = 0
    started_at: float = 0.0
    next_start: float = 0.0
    pause: float = FIRST_PAUSE

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.is_running()

    @property
    def is_ready(self) -> bool:
        return self.is_running and self.part.is_ready()


@dataclass
class Supervisor:
    """`environment` is given to every process; `tell` is called with the state after each change of it."""

    log_dir: Path
    environment: Mapping[str, str]
    directory: Path
    tell: Callable[[dict[str, Any]], None] = lambda _state: None
    posts: list[Post] = field(default_factory=list)
    is_stopping: bool = False
    is_complete: bool = False

    def obey_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_on_signal)

    def _stop_on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def start(self, parts: Sequence[Part], patience: float = 60.0) -> None:
        """Starts them side by side; returns when all are ready. Refuses when one ends or takes too long."""
        fresh = [Post(part, Journal(self.log_dir, part.name, is_quiet=part.is_quiet)) for part in parts]
        for post in fresh:
            self.posts.append(post)
            self._launch(post)
        for post in fresh:
            self._await_first(post, patience)
        self._tell()

    def run_step(self, step: Step) -> None:
        """Runs a command to its end; refuses when it fails, with the command's own last line as the reason."""
        journal = Journal(self.log_dir, step.name, is_quiet=False)
        child = self._spawn(step.command, journal, signal.SIGTERM)
        try:
            while child.is_running():
                self._pause_or_stop()
            if child.process.returncode:
                raise Refusal(self._reason(step.name, journal))
        finally:
            child.stop(5)
            journal.close()

    def watch(self) -> None:
        """Everything is started: restarts what dies until a signal asks to stop."""
        self.is_complete = True
        self._tell()
        while not self.is_stopping:
            for post in self.posts:
                self._tend(post)
            time.sleep(_TICK)

    def stop(self) -> None:
        self.is_stopping = True
        self.is_complete = False
        for post in reversed(self.posts):
            if post.child is not None:
                post.child.stop(post.part.patience)
            post.journal.close()
        self.posts.clear()
        self._tell()

    def _await_first(self, post: Post, patience: float) -> None:
        give_up = time.monotonic() + patience
        while not post.is_ready:
            if not post.is_running or time.monotonic() > give_up:
                raise Refusal(self._reason(post.part.name, post.journal))
            self._pause_or_stop()

    def _pause_or_stop(self) -> None:
        if self.is_stopping:
            raise StopAsked
        time.sleep(_TICK)

    @staticmethod
    def _reason(name: str, journal: Journal) -> str:
        time.sleep(0.2)  # the reading thread may still hold the line that explains it
        lines = [line for line in journal.last_lines() if line.strip()]
        reason = lines[-1] if lines else "没有任何输出"
        return f"{name} 启动失败:{reason} (日志 {journal.file})"

    def _launch(self, post: Post) -> None:
        post.part.prepare()
        post.child = self._spawn(post.part.command, post.journal, post.part.stop_signal)
        post.starts += 1
        post.started_at = time.monotonic()
        self._tell()

    def _spawn(self, command: Sequence[str], journal: Journal, stop_signal: signal.Signals) -> Child:
        child = Child(
            command,
            environment=self.environment,
            output=subprocess.PIPE,
            directory=self.directory,
            stop_signal=stop_signal,
        )
        assert child.process.stdout is not None
        journal.follow(child.process.stdout)
        return child

    def _tend(self, post: Post) -> None:
        if post.is_running:
            return
        if post.child is not None:
            self._bury(post, post.child)
        elif time.monotonic() >= post.next_start:
            try:
                self._launch(post)
            except (Refusal, OSError) as error:
                self._put_off(post, str(error))

    def _bury(self, post: Post, child: Child) -> None:
        child.kill()  # its orphans may hold the port or take tasks twice
        post.child = None
        if time.monotonic() - post.started_at > RECOVERED_AFTER:
            post.pause = FIRST_PAUSE
        self._put_off(post, f"exit code {child.process.returncode}")

    def _put_off(self, post: Post, why: str) -> None:
        say("hotline", f"{post.part.name} 意外退出,{post.pause:.1f} 秒后重启 / restarting ({why})")
        post.next_start = time.monotonic() + post.pause
        post.pause = min(post.pause * 2, LONGEST_PAUSE)

    def _tell(self) -> None:
        running = {
            post.part.name: {"pid": post.child.pid, "starts": post.starts}
            for post in self.posts
            if post.child is not None
        }
        self.tell({"is_complete": self.is_complete, "parts": running})


def write_atomically(file: Path, content: str, mode: int = 0o644) -> None:
    """Readers see the old or the new content, never half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(content)
    draft.replace(file)


def status_writer(file: Path, facts: Mapping[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Keeps a file that tells which process fills which part."""

    def write(state: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # a full disk must not take the running system down
            write_atomically(file, json.dumps({**facts, "supervisor": os.getpid(), **state}, indent=1) + "\n")

    return write
