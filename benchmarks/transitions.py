"""How long one step of a case takes: `python -m benchmarks.transitions [--cases N] [--city N]`.

N cases go through three stories, step by step and all cases before the next step: done after a rework, returned and
reassigned, suspended and resumed. Each step is a request of the person whose step it is, over HTTP to one web process
on durable PostgreSQL in a city of `--city` cases; it holds the row's lock, the guards, the new state, the history's
line with its hash, audience and payload, the lamp, the messages to citizen and unit, and the whole case as the answer.
Prints median, p95 and processor time of web process and database for each kind of step. Goal: 15 ms p95.
"""

import argparse
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from PIL import Image

from benchmarks._city import City
from benchmarks._client import Connections, enter, percentile
from benchmarks._stage import Stage, stage
from benchmarks.intake import FORM

GOAL = 15.0
# Not transitions by themselves; shown because the stories need them.
BESIDE = ("open", "photo")
BOUNDARY = "benchmark"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Step:
    who: str
    action: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Cost:
    times: list[float] = field(default_factory=list)
    web: float = 0.0
    database: float = 0.0


def stories(other_unit: int, unit: int) -> Iterator[tuple[Step, ...]]:
    """The unit of the second story is told why it gets back what it returned."""
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    done = (Step("unit", "photo"), Step("unit", "feed_back", {"result": "井盖已更换，现场已清理"}))
    yield (
        Step("unit", "accept"),
        Step("unit", "hand_to_crew", {"crew": "抢修一班"}),
        Step("unit", "ask_extension", {"reason": "需要定制井圈"}),
        Step("dispatcher", "grant_extension"),
        Step("agent", "urge", {"reason": "市民再次来电"}),
        *done,
        Step("inspector", "fail_check", {"reason": "井盖仍有松动"}),
        *done,
        Step("inspector", "pass_check"),
    )
    yield (
        Step("unit", "return", {"reason": "不属于本单位管养范围"}),
        Step("dispatcher", "dispatch", {"unit_id": unit, "reason": "经现场确认属于该单位"}),
        Step("dispatcher", "reassign", {"unit_id": other_unit, "reason": "协商后改派"}),
        Step("dispatcher", "add_co_unit", {"unit_id": unit}),
    )
    yield (
        Step("unit", "accept"),
        Step("unit", "ask_suspension", {"reason": "等待地铁施工结束", "until": later}),
        Step("dispatcher", "grant_suspension"),
        Step("dispatcher", "resume", {"reason": "提前完工"}),
    )


class Staff:
    """Everybody whose steps the stories are."""

    def __init__(self, target: Stage, city: City) -> None:
        self.connections = Connections(target)
        self.headers = {"agent": enter(self.connections)}
        self.versions: dict[int, int] = {}
        self.unit_id = self.open()["unit"]["id"]
        city_wide, at = "length(area_code) <= 4", f"unit_id = {self.unit_id}"
        for who, door, role, where in (
            ("unit", "desk", "handler", at),
            ("dispatcher", "command", "dispatcher", city_wide),
            ("inspector", "inspect", "inspector", f"area_code = '{FORM['district']}'"),
        ):
            found = f"SELECT login FROM account WHERE roles::text LIKE '%\"{role}\"%' AND is_active AND {where} LIMIT 1"
            self.headers[who] = enter(self.connections, door, city.one(found))

    def open(self) -> dict[str, Any]:
        number = next(_numbers)
        form = json.dumps({**FORM, "reporter_phone": f"137{number:08d}"})
        headers = {**self.headers["agent"], "Idempotency-Key": f"transitions-{number:06d}"}
        made: dict[str, Any] = json.loads(self.connections.send("POST", "/api/v1/cases", form, headers, 201)[0])
        self.versions[made["id"]] = made["version"]
        return made

    def take(self, step: Step, case_id: int) -> None:
        address, headers = f"/api/v1/cases/{case_id}", self.headers[step.who]
        if step.action == "photo":
            answer, _ = self.connections.send("POST", f"{address}/attachments", _PHOTO, {**headers, **_PARTS}, 201)
        else:
            headers = {**headers, "If-Match": f'"{self.versions[case_id]}"'}
            path = f"{address}/actions/{step.action}"
            answer, _ = self.connections.send("POST", path, json.dumps(step.facts), headers)
        if self.connections.failures:
            raise SystemExit(f"{step.action}: {answer[:300]}")
        self.versions[case_id] = json.loads(answer)["version"]


def _form() -> bytes:
    """A small photograph as a browser sends it."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 90, 90)).save(picture, "PNG")
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    purpose, file = f'{part}"purpose"\r\n\r\nresult\r\n', f'{part}"file"; filename="a.png"\r\n\r\n'
    return purpose.encode() + file.encode() + picture.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode()


_PARTS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
_PHOTO = _form()


def play(target: Stage, city: City, cases: int) -> dict[str, Cost]:
    staff, costs = Staff(target, city), dict[str, Cost]()
    other = city.one(f"SELECT id FROM unit WHERE is_active AND id <> {staff.unit_id} ORDER BY id LIMIT 1")
    for story in stories(other, staff.unit_id):
        with _counted(target, staff, costs, "open"):
            ids = [staff.open()["id"] for _ in range(cases)]
        for step in story:
            with _counted(target, staff, costs, step.action):
                for case_id in ids:
                    staff.take(step, case_id)
    return costs


@contextmanager
def _counted(target: Stage, staff: Staff, costs: dict[str, Cost], name: str) -> Iterator[None]:
    staff.connections.times.clear()
    web, database = target.cpu_seconds(), target.database_cpu_seconds()
    yield
    cost = costs.setdefault(name, Cost())
    cost.times += staff.connections.times
    cost.web += target.cpu_seconds() - web
    cost.database += target.database_cpu_seconds() - database


def tell(costs: dict[str, Cost]) -> bool:
    for name, cost in costs.items():
        took = len(cost.times)
        median, late = percentile(cost.times, 0.5), percentile(cost.times, 0.95)
        web, database = cost.web / took * 1000, cost.database / took * 1000
        missed = "  missed" if late > GOAL and name not in BESIDE else ""
        print(f"{name:18} {median:6.1f} /{late:6.1f} ms   CPU {web:5.2f} +{database:5.2f} ms   ({took}){missed}")
    steps = [time for name, cost in costs.items() if name not in BESIDE for time in cost.times]
    late = percentile(steps, 0.95)
    print(f"all steps          {percentile(steps, 0.5):6.1f} /{late:6.1f} ms   ({len(steps)})")
    return late <= GOAL


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100, help="in each story")
    parser.add_argument("--city", type=int, default=100_000, help="cases that are there already")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    with stage() as target:
        city = City(target)
        if not options.smoke:
            print(f"{options.city:,} cases made in {city.grow(options.city):.0f} s", flush=True)
        print("step              median / p95, CPU of web process + database a step")
        is_fast = tell(play(target, city, 1 if options.smoke else options.cases))
    return 0 if is_fast or options.smoke else 1


if __name__ == "__main__":
    raise SystemExit(main())
