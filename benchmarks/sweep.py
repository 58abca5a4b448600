"""How long a sweep over the lamps takes: `python -m benchmarks.sweep [--cases N]`.

N open cases at work in the demonstration city, on PostgreSQL. Prints: a minute with nothing due, one in which some of
the cases reach a rung, and the first sweep after a day without any. Goal: 100 ms a minute at 20,000 open cases.
"""

import argparse
import contextlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import delete, func, insert, select

from app import background, clock
from app.cases.models import Case
from app.cases.terms import State
from app.config import Settings
from app.db import disconnect, session, transaction, work
from app.network.models import Unit
from app.supervision import reminders
from app.supervision.models import Digest, Reminder
from app.supervision.sweep import sweep
from app.supervision.tasks import sweep_lamps, watch_all
from app.wiring import make_app
from scripts.local.postgres import Postgres
from scripts.local.valkey import Valkey

# Long before the demonstration's own cases, so that only these are due.
NOW = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
WHOLE = timedelta(hours=8)


def rows(count: int, units: list[Any]) -> Iterator[dict[str, Any]]:
    """Deadlines spread evenly over the next sixteen working hours."""
    for number in range(count):
        unit = units[number % len(units)]
        due = NOW + timedelta(minutes=30) + timedelta(seconds=number * 57_600 / count)
        yield {
            "number": f"BM260602-{number:06d}",
            "version": 1,
            "state": State.HANDLING,
            "source": "call",
            "class_code": "C0103",
            "class_name": "雨水井盖",
            "description": "井盖不见了",
            "address": "百丈路",
            "limit_value": 8,
            "limit_unit": "urgent_hour",
            "district_code": "330212",
            "street_code": "330212008",
            "link_token": f"bench{number:012d}",
            "unit_id": unit.id,
            "unit_name": unit.name,
            "opened_at": due - WHOLE,
            "dispatched_at": due - WHOLE,
            "due_at": due,
            "yellow_at": due - WHOLE * 0.2,
            "deadline_steps": [],
        }


def build(app: Flask, count: int) -> None:
    app.test_cli_runner().invoke(args=["hotline", "migrate"], catch_exceptions=False)
    app.test_cli_runner().invoke(args=["hotline", "seed"], catch_exceptions=False)
    with work():
        units = list(session().execute(select(Unit.id, Unit.name).where(Unit.is_active)))
    batch = list(rows(count, units))
    for start in range(0, count, 2000):
        with transaction():
            session().execute(insert(Case), batch[start : start + 2000])
    with clock.standing_at(NOW):
        watch_all()
        sweep_lamps()  # whatever was due before the clock starts
    with transaction():
        session().execute(delete(Reminder))
        session().execute(delete(Digest))


def timed(what: Callable[[], None]) -> float:
    begun = time.perf_counter()
    what()
    return (time.perf_counter() - begun) * 1000


def minute() -> None:
    with transaction():
        sweep()
    with transaction():
        reminders.send_digests()


def measure() -> bool:
    quiet, busy = [], []
    for step in range(1, 21):
        with clock.standing_at(NOW + timedelta(minutes=step)):
            busy.append(timed(minute))
            quiet.append(timed(minute))
    with work():
        told = session().scalar(select(func.count()).select_from(Reminder))
    print(f"nothing due   median {sorted(quiet)[10]:6.1f} ms, worst {max(quiet):6.1f} ms")
    usual = sorted(busy)[10]
    print(f"a usual one   median {usual:6.1f} ms, worst {max(busy):6.1f} ms ({told} reminders in 20 minutes)")
    with clock.standing_at(NOW + timedelta(days=1)):
        took = timed(sweep_lamps)
    with work():
        later = select(func.count()).select_from(Digest).where(Digest.at >= NOW + timedelta(days=1))
        digests = session().scalar(later)
    print(f"after a day   {took:8.0f} ms for all, {digests} digests")
    return usual <= 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
        for server in (postgres, valkey):
            server.start()
            stack.callback(server.stop)
        settings = _settings(postgres.create_database("hotline"), valkey.url, folder)
        app = make_app(settings, lazily=True)
        stack.callback(disconnect)
        logging.disable(logging.INFO)
        background.make_celery(settings)
        background._Work.application = app
        with app.app_context():
            build(app, 300 if options.smoke else options.cases)
            is_fast = measure()
    return 0 if is_fast or options.smoke else 1


def _settings(database_url: str, redis_url: str, folder: Path) -> Settings:
    secret = "0123456789abcdef" * 4
    return Settings(
        environment="demo",
        data_dir=folder / "data",
        database_url=database_url,
        redis_url=redis_url,
        public_base_url="http://localhost",
        secret_key=secret,
        data_key=secret,
        carrier="emulator",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=secret,
        twilio_api_key="SK" + "0" * 32,
        twilio_api_secret=secret,
        twilio_application_sid="AP" + "0" * 32,
        twilio_api_base_url="http://127.0.0.1:9",
        log_level="WARNING",
    )


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        raise SystemExit(main())
