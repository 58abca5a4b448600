"""How fast the history is checked: `python -m benchmarks.verify_history [--lines N]`.

Writes N lines in chains of eight, with payloads as large as a case's, into a new PostgreSQL database and a new SQLite
file, seals them, and runs the check that `hotline verify-history` runs. Prints lines per second; goal: 20,000.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import insert

from app import clock, db
from app.events import checking, seals
from app.events.models import Event
from app.events.service import FIRST, chain_hash
from scripts.local.postgres import Postgres

ROOT = Path(__file__).parent.parent
CHAIN = 8
BEGIN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CARD = {
    "number": "GD2026112300001",
    "state": "handling",
    "state_label": "处置中",
    "class_code": "C0103",
    "class_name": "雨水井盖",
    "address": "百丈路与中兴路口",
    "district": {"code": "330212", "name": "鄞州区"},
    "street": {"code": "330212008", "name": "百丈街道"},
    "unit": {"id": 12, "name": "鄞州区市政设施管理中心"},
    "due_at": "2026-11-23T09:00:00Z",
    "yellow_at": "2026-11-23T08:36:00Z",
    "limit_text": "2 紧急工作时",
    "lng": 121.5674,
    "lat": 29.8669,
    **{f"field_{number}": None for number in range(18)},
}


def rows(count: int) -> Iterator[dict[str, Any]]:
    previous = FIRST
    for number in range(count):
        subject, seq = divmod(number, CHAIN)
        previous = FIRST if seq == 0 else previous
        at = BEGIN + timedelta(seconds=number % 36_000)
        payload = {
            "case": {**CARD, "id": subject, "version": seq + 1},
            "by": "周敏",
            "text": "派往 市政，时限 2 紧急工作时",
        }
        place, audience = ("case", subject, seq + 1), ["agents", f"case:{subject}", "supervisors", "unit:12"]
        shown = (seq + 1, audience)
        made = chain_hash(previous, place, "case.dispatched", at, 7, payload, shown)
        yield {
            "kind": "case.dispatched",
            "subject_type": "case",
            "subject_id": subject,
            "subject_seq": seq + 1,
            "version": seq + 1,
            "at": at,
            "actor_id": 7,
            "audience": audience,
            "payload": payload,
            "previous_hash": previous,
            "hash": made,
        }
        previous = made


def measure(name: str, url: str, count: int) -> bool:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")
    db.connect(url.replace("postgresql://", "postgresql+psycopg://", 1))
    batch: list[dict[str, Any]] = []
    for row in rows(count):
        batch.append(row)
        if len(batch) == 5000:
            write(batch)
    write(batch)
    with clock.standing_at(BEGIN + timedelta(days=1)), db.transaction():
        begun = time.perf_counter()
        seals.seal(BEGIN.date())
        sealing = time.perf_counter() - begun
    with db.work():
        begun, cpu = time.perf_counter(), time.process_time()
        report = checking.check_all()
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    db.disconnect()
    speed = f"{report.lines / took:9.0f} lines/s"
    print(f"{name:10} {speed}   {report.lines} lines in {took:.2f} s ({cpu:.2f} s CPU), sealed in {sealing:.2f} s")
    return report.fault is None and report.lines == count


def write(batch: list[dict[str, Any]]) -> None:
    if batch:
        with db.transaction() as session:
            session.execute(insert(Event), batch)
        batch.clear()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    count = 400 if options.smoke else options.lines
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        postgres = Postgres(folder / "postgres", careless=True)
        postgres.start()
        stack.callback(postgres.stop)
        urls = {"PostgreSQL": postgres.create_database("chain"), "SQLite": f"sqlite:///{folder / 'chain.db'}"}
        return 0 if all([measure(name, url, count) for name, url in urls.items()]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
