"""The parts of the running product, in the order in which they start."""

import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from scripts.local.plan import Plan
from scripts.local.ports import LOOPBACK


def _nothing() -> None:
    return None


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class Part:
    """One long-running process. `prepare` runs before every start; `patience`: seconds between asking and killing."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool] = _at_once
    prepare: Callable[[], None] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 8.0
    is_quiet: bool = False


@dataclass(frozen=True)
class Step:
    """A command that must succeed before the parts after it start."""

    name: str
    command: tuple[str, ...]


def servers(plan: Plan) -> list[Part]:
    """What everything else needs, first. Their chatter goes to their log files only."""
    parts = []
    if (valkey := plan.valkey) is not None:
        parts.append(Part("valkey", valkey.command, valkey.is_ready, valkey.prepare, is_quiet=True))
    if (postgres := plan.postgres) is not None:
        # SIGINT is PostgreSQL's fast stop; SIGTERM would wait for every client to leave.
        parts.append(
            Part("postgres", postgres.command, postgres.is_ready, postgres.prepare, signal.SIGINT, 15, is_quiet=True)
        )
    return parts


def steps() -> list[Step]:
    # One process: each needs seconds to load all that the product is made of.
    return [Step("prepare", (sys.executable, "-m", "flask", "--app", "wsgi", "hotline", "prepare"))]


def processes(plan: Plan) -> list[Part]:
    """The product itself. They are stopped in the opposite order: nothing new is begun while the rest goes down."""
    parts = []
    if (port := plan.emulator_port) is not None:
        command = (sys.executable, "-m", "telephony.emulator")
        parts.append(Part("emulator", command, lambda: answers_ok(f"http://{LOOPBACK}:{port}/healthz")))
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "celery_worker")
    schedule = str(plan.run_dir / "beat-schedule")
    return [
        *parts,
        Part("web", _gunicorn(plan), lambda: answers_ok(f"http://{_reachable(plan.host)}:{plan.port}/readyz")),
        Part("worker", (*celery, "worker", "--pool", "prefork", "--concurrency", "2", "--without-mingle"), patience=20),
        Part("beat", (*celery, "beat", "--schedule", schedule, "--pidfile", "")),
    ]


def _gunicorn(plan: Plan) -> tuple[str, ...]:
    # gunicorn.conf.py holds the rest; production starts it the same way.
    return (sys.executable, "-m", "gunicorn", "--bind", f"{plan.host}:{plan.port}", "wsgi:app")


def _reachable(host: str) -> str:
    return LOOPBACK if host == "0.0.0.0" else host


def answers_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
