"""How lists, searches and figures fare as the city grows: `python -m benchmarks.lists [--cases N …] [--only WORD]`.

One durable PostgreSQL is filled with 10,000, 100,000 and a million cases in turn (20,000 of them open), and each time
everything that consoles and administration list is asked for over HTTP, one question after another. Prints, at each
size, median and p95 and the processor time of the web process and the database a question; how the median grew with
the last ten times of cases; and what missed 50 ms. The client shares the machine.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from urllib.parse import quote

from benchmarks._city import City
from benchmarks._client import Connections, enter, percentile
from benchmarks._stage import Stage, stage

GOAL = 50.0
# Ten times the cases may cost one more level of an index, not half as much again.
GROWS, LINEAR = 1.5, 5.0
BYTES_A_CASE = 6000
ROAD = quote("药行街")
PREVIEW = """{"class_code": "C0103", "condition_no": 1, "district": "330212", "street": "330212008"}"""


@dataclass(frozen=True, slots=True)
class Question:
    """`paths` are asked in turn. Without a goal: figures of the whole city, shown beside the lists."""

    name: str
    who: str
    paths: Sequence[str]
    has_goal: bool = True
    body: str = ""


@dataclass
class Answers:
    """Milliseconds by the clock, at each size; processor time of web and database a question."""

    median: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)


def questions(city: City, dice: random.Random) -> Iterator[Question]:
    for name, who in (("unit's desk", "desk"), ("command", "command"), ("inspection", "inspect"), ("agent", "agent")):
        yield Question(f"opening: {name}", who, [f"/api/v1/{who}/snapshot"])
    yield from _folders()
    yield from _lists(city)
    yield from _searches(city, dice)
    yield from _callers(city)
    for tab in ("", "lamp=red", "lamp=yellow", "lamp=green", "unassigned", "area=330212", "class=E01", "page=150"):
        yield Question(f"lamps: {tab or 'all'}", "supervise", [f"/supervision?{tab}"])
    yield from _administration(city, dice)


def _folders() -> Iterator[Question]:
    """What a console reads once it is open: pages of its folders, and the figures when a push may have changed them."""
    for who, folders in (
        ("desk", ("todo", "handling", "handling&lamp=yellow", "checking", "closed")),
        ("command", ("dispatch", "decide", "confirm", "overdue", "open", "open&lamp=yellow", f"open&q={ROAD}")),
        ("inspect", ("tasks", "tasks&lamp=red")),
    ):
        for folder in folders:
            name = f"folder: {who}, {folder}".replace(ROAD, "road")
            yield Question(name, who, [f"/api/v1/{who}/cases?folder={folder}"])
        yield Question(f"figures: {who}", who, [f"/api/v1/{who}/counts"])


def _lists(city: City) -> Iterator[Question]:
    for tab in ("", "state=open", "state=handling", "state=checking", "state=closed", "lamp=red", "lamp=yellow"):
        yield Question(f"unit: {tab or 'all'}", "desk", [f"/api/v1/cases?{tab}"])
    for tab in ("state=filed", "request=any", "returned=true", "state=open&lamp=red", "lamp=grey", "state=closed"):
        yield Question(f"dispatcher: {tab}", "command", [f"/api/v1/cases?{tab}"])
    for tab in ("verification=asked", "state=checking", "state=closed"):
        yield Question(f"inspector: {tab}", "inspect", [f"/api/v1/cases?{tab}"])
    deep = [urlsafe_b64encode(json.dumps(each).encode()).decode() for each in city.column(_SOME_PLACES)]
    for name, who, asked in (("unit", "desk", ""), ("dispatcher", "command", ""), ("search", "agent", f"q={ROAD}&")):
        yield Question(f"{name}: deep pages", who, [f"/api/v1/cases?{asked}cursor={each}" for each in deep])
    units = city.column("SELECT id FROM unit WHERE is_active ORDER BY id LIMIT 40")
    yield Question("supervisor: one unit's", "supervise", [f"/api/v1/cases?unit={n}" for n in units])
    yield Question("agent: own", "agent", ["/api/v1/cases?mine=true", "/api/v1/cases?mine=true&state=closed"])


def _searches(city: City, dice: random.Random) -> Iterator[Question]:
    numbers = city.column(_SOME_NUMBERS)
    yield _search("number", numbers)
    yield _search("a day's numbers", [number[:8] for number in numbers])
    yield _search("a month's numbers", [number[:6] for number in numbers])
    yield _search("telephone", [caller[4] for caller in dice.sample(city.callers[:5000], 40)])
    yield _search("unknown telephone", [f"+86137{n:08d}" for n in range(30)])
    yield _search("road", ["药行街", "柳汀街", "鄞奉路", "大沙泥街", "车轿街"])
    yield _search("road and number", [f"药行街{n}号" for n in range(1, 400, 13)])
    yield _search("class", ["暴露垃圾", "雨水井盖", "路灯", "油烟污染", "行道树"])
    yield _search("seldom words", city.column("SELECT name || '门口' FROM m_place ORDER BY n DESC LIMIT 30"))
    yield _search("unknown words", ["没有这个地方", "不存在的路口", "某某大厦"])
    yield _search("one character", ["路", "号", "龘"])
    for who in ("desk", "inspect"):
        paths = [f"/api/v1/cases?q={quote(words)}" for words in ("药行街", "暴露垃圾", "没有这个地方")]
        yield Question(f"search: by {who}", who, paths)


def _search(name: str, words: Sequence[str]) -> Question:
    return Question(f"search: {name}", "agent", [f"/api/v1/cases?q={quote(each)}" for each in words])


def _callers(city: City) -> Iterator[Question]:
    """What an agent sees of the caller on the line, of matters like the one told, and of the unit that would get it."""
    calls = city.column("SELECT max(id) FROM call GROUP BY caller_hash ORDER BY count(*) DESC LIMIT 30")
    yield Question("caller's history", "agent", [f"/api/v1/calls/{n}" for n in calls])
    yield Question("like cases, street", "agent", [_nearby("330212008", n) for n in range(1, 400, 13)])
    yield Question("like cases, district", "agent", [_nearby("330212", n) for n in range(1, 400, 13)])
    yield Question("routing preview", "agent", ["/api/v1/routing/preview"], body=PREVIEW)


def _nearby(place: str, n: int) -> str:
    street = f"&street={place}" if len(place) > 6 else ""
    text = quote(f"药行街{n}号井盖不见了，晚上很危险")
    return f"/api/v1/cases/nearby?class_code=C0103&district={place[:6]}{street}&text={text}"


_SOME = """FROM "case" WHERE id IN
    (SELECT 1 + (random() * (SELECT max(id) - 1 FROM "case"))::bigint FROM generate_series(1, 40))"""
_SOME_NUMBERS = f"SELECT number {_SOME}"
_SOME_PLACES = f"SELECT json_build_array(opened_at, id) {_SOME}"


def _administration(city: City, dice: random.Random) -> Iterator[Question]:
    yield Question("wall's figures", "supervise", ["/api/v1/wall/snapshot"], has_goal=False)
    yield Question("administration's home", "admin", ["/admin"], has_goal=False)
    yield Question("audit: newest", "admin", ["/admin/audit"])
    kinds = ("account.", "case.", "rule.", "seat.", "unit.")
    yield Question("audit: one kind", "admin", [f"/admin/audit?kind={kind}" for kind in kinds])
    cases = dice.sample(range(1, city.one('SELECT max(id) FROM "case"')), 40)
    yield Question("audit: one case", "admin", [f"/admin/audit?subject=case&id={n}" for n in cases])
    people = city.column("SELECT work_no FROM account ORDER BY id LIMIT 30")
    yield Question("audit: one person", "admin", [f"/admin/audit?person={no}" for no in people])
    last = city.one("SELECT max(id) FROM event")
    yield Question("audit: deep", "admin", [f"/admin/audit?before={last * n // 20}" for n in range(1, 20)])


def measure(target: Stage, asked: Sequence[Question], rounds: int, answers: dict[str, Answers]) -> None:
    connections = Connections(target)
    people = {who: enter(connections, who) for who in sorted({each.who for each in asked})}
    for each in asked:
        headers, method = people[each.who], "POST" if each.body else "GET"
        paths = list(islice(cycle(each.paths), rounds))
        for path in paths[:3]:  # caches and prepared statements
            connections.send(method, path, each.body, headers)
        connections.times.clear()
        web, database = target.cpu_seconds(), target.database_cpu_seconds()
        for path in paths:
            connections.send(method, path, each.body, headers)
        if connections.failures:
            raise SystemExit(f"{each.name}: {connections.failures} questions were not answered as they should")
        found = answers.setdefault(each.name, Answers())
        found.web.append((target.cpu_seconds() - web) / rounds * 1000)
        found.database.append((target.database_cpu_seconds() - database) / rounds * 1000)
        found.median.append(percentile(connections.times, 0.5))
        found.late.append(percentile(connections.times, 0.95))


def _settle(target: Stage) -> None:
    """The web process looks through the lines of history that came in at once: a city's come one by one."""
    before, now = -1.0, target.cpu_seconds()
    while now - before > 0.1:
        time.sleep(2)
        before, now = now, target.cpu_seconds()


def tell(sizes: Sequence[int], asked: Sequence[Question], answers: dict[str, Answers]) -> bool:
    """A line for each question; whether all with a goal reached it at the largest size."""
    missed = []
    print("median / p95 ms (CPU: web + database ms) at " + ", ".join(f"{size:,}" for size in sizes) + " cases")
    for each in asked:
        got = answers[each.name]
        columns = zip(got.median, got.late, got.web, got.database, strict=True)
        shown = "  ".join(
            f"{median:6.1f} /{late:6.1f} ({web:4.1f} +{base:5.1f})" for median, late, web, base in columns
        )
        growth = got.median[-1] / got.median[-2] if len(sizes) > 1 else 1.0
        marks = ["linear" if growth >= LINEAR else "grows" if growth >= GROWS else ""]
        if each.has_goal and got.late[-1] > GOAL:
            missed.append(each.name)
            marks.append("missed")
        print(f"{each.name:32} {shown}  ×{growth:4.1f}  {' '.join(filter(None, marks))}".rstrip())
    print(
        f"p95 within {GOAL:.0f} ms at {sizes[-1]:,} cases: " + ("all" if not missed else f"all but {', '.join(missed)}")
    )
    return not missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=60, help="questions of each kind")
    parser.add_argument("--only", default="", help="questions whose name holds this")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    sizes = [400] if options.smoke else sorted(options.cases)
    _refuse_without_room(sizes[-1])
    answers: dict[str, Answers] = {}
    asked: list[Question] = []
    with stage() as target:
        city = City(target)
        for size in sizes:
            print(f"{size:,} cases made in {city.grow(size):.0f} s", flush=True)
            _settle(target)
            found = list(questions(city, random.Random(96310)))
            asked = [each for each in found if options.only in each.name]
            measure(target, asked, 2 if options.smoke else options.rounds, answers)
    return 0 if tell(sizes, asked, answers) or options.smoke else 1


def _refuse_without_room(cases: int) -> None:
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < cases * BYTES_A_CASE + 2**30:
        raise SystemExit(
            f"{cases:,} cases need {cases * BYTES_A_CASE / 2**30:.0f} GB more than {free / 2**30:.0f} GB free"
        )


if __name__ == "__main__":
    raise SystemExit(main())
