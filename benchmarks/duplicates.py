"""How fast known cases of the same matter are found among 100,000 open ones: `python -m benchmarks.duplicates`.

Real PostgreSQL, filled with cases of the last month in all streets, half of them in ten busy ones. Prints the time of
one question inside the web process's code (statement, scoring and the five cases shown), of scoring a full block alone,
of the same question over HTTP, and precision and recall on the variants of tests/nlp/duplicates.csv. The client shares
the machine.
"""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import csv  # noqa: E402
import random  # noqa: E402
import statistics  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from datetime import UTC, datetime, timedelta  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

import psycopg  # noqa: E402

from app import db  # noqa: E402
from app.accounts.roles import Principal, Role  # noqa: E402
from app.cases import similarity  # noqa: E402
from app.cases.schemas import NearbyQuery  # noqa: E402
from benchmarks._client import Connections, enter  # noqa: E402
from benchmarks._stage import Stage, stage  # noqa: E402
from nlp.duplicates import LIKELY, Report, family, rank  # noqa: E402
from nlp.generate import generate  # noqa: E402
from nlp.lexicon import read_rows  # noqa: E402

VARIANTS = Path(__file__).parents[1] / "tests" / "nlp" / "duplicates.csv"
AGENT = Principal(id=1, name="", roles=frozenset({Role.AGENT}))
ROADS = ("百丈路", "中兴路", "彩虹南路", "明州路", "中河路", "人民路", "翠柏路", "灵桥路", "大庆南路", "学士路")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--smoke", action="store_true", help="a moment only, to see that it works")
    options = parser.parse_args()
    cases, questions = (500, 10) if options.smoke else (options.cases, options.questions)
    tell_quality()
    with stage() as target:
        fill(target, cases)
        dice = random.Random(96310)
        asked = [question(dice) for _ in range(questions)]
        measure_inside(target, asked)
        measure_http(target, asked)


def texts() -> list[tuple[str, str]]:
    return [(example.text, example.code) for example in generate(seed=7) if example.code != "OOS"]


def streets() -> list[str]:
    return [row["code"] for row in read_rows("places.csv") if row["level"] == "street"]


def somewhere(dice: random.Random, known: list[str]) -> str:
    """Half of all matters lie in ten busy streets."""
    return dice.choice(known[:10] if dice.random() < 0.5 else known)


def fill(target: Stage, count: int) -> None:
    dice, told, known, now = random.Random(7), texts(), streets(), datetime.now(UTC)
    with psycopg.connect(target.database_url.replace("+psycopg", "")) as connection:
        connection.execute(MADE)
        with connection.cursor().copy("COPY made FROM STDIN") as copy:
            for number in range(count):
                said, code = dice.choice(told)
                address = f"{dice.choice(ROADS)}{dice.randint(1, 400)}号"
                at = now - timedelta(minutes=dice.randint(1, 29 * 1440))
                copy.write_row((number, code, somewhere(dice, known), address, said, at))
        connection.execute(COPY_CASES)
        connection.execute('ANALYZE "case"')


MADE = "CREATE TEMP TABLE made (n int, code text, street text, address text, said text, at timestamptz)"
COPY_CASES = """
INSERT INTO "case" (number, version, state, source, class_code, class_name, intent, urgency, description, address,
    district_code, street_code, confidential, sms_consent, callback_consent, link_token, unit_name, opened_at,
    deadline_steps, result, urges, reworks, photos, rating_comment)
SELECT 'BM' || lpad(made.n::text, 12, '0'), 1, 'dispatched', 'web', made.code, '', 'complaint', 'normal', made.said,
    made.address, left(made.street, 6), made.street, false, true, true, 'BM' || lpad(made.n::text, 22, '0'), '',
    made.at, '[]', '', 0, 0, 0, ''
FROM made
"""


def question(dice: random.Random) -> NearbyQuery:
    """Two in three know the street; the others only the district and a road."""
    said, code = dice.choice(texts())
    street = somewhere(dice, streets())
    return NearbyQuery(
        class_code=code,
        district=street[:6],
        street=street if dice.random() < 0.67 else None,
        text=f"{dice.choice(ROADS)}{dice.randint(1, 400)}号{said}"[:500],
    )


def measure_inside(target: Stage, asked: Sequence[NearbyQuery]) -> None:
    db.connect(target.database_url)

    def ask(question: NearbyQuery) -> None:
        with db.work():
            similarity.nearby(AGENT, question, lambda _: None)

    ask(asked[0])  # what is loaded on first use is not what is measured
    tell("inside", [timed(partial(ask, each)) for each in asked])
    known = [Report(f"{question.text} {number}号", question.class_code) for number, question in enumerate(asked)]
    block = known[: similarity.BLOCK]
    tell(f"scoring {len(block)}", [timed(partial(rank, each, block)) for each in known[: similarity.BLOCK]])


def measure_http(target: Stage, asked: Sequence[NearbyQuery]) -> None:
    connections = Connections(target)
    headers = enter(connections)

    def ask(question: NearbyQuery) -> None:
        given = question.model_dump(exclude_none=True, exclude_defaults=True)
        connections.send("GET", f"/api/v1/cases/nearby?{urlencode(given)}", "", headers)

    tell("over HTTP", [timed(partial(ask, each)) for each in asked])
    if connections.failures:
        raise SystemExit(f"{connections.failures} questions were not answered as they should")


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and of this thread's processor time: what a neighbour does is not counted."""
    begun, used = time.perf_counter(), time.thread_time()
    work()
    return (time.perf_counter() - begun) * 1000, (time.thread_time() - used) * 1000


def tell(name: str, times: Sequence[tuple[float, float]]) -> None:
    clocked, used = (sorted(each) for each in zip(*times, strict=True))
    late = int(len(times) * 0.95)
    print(
        f"{name:12} median {statistics.median(clocked):.1f} ms, p95 {clocked[late]:.1f} ms;"
        f" CPU here {statistics.median(used):.1f} ms, p95 {used[late]:.1f} ms ({len(times)} questions)"
    )


def matter_of(row: dict[str, str]) -> tuple[str, str]:
    return row["block"], row["matter"]


def tell_quality() -> None:
    with VARIANTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    reports = [Report(f"{row['address']} {row['text']}", row["class_code"]) for row in rows]
    said = right = same = 0
    for mine, asked in enumerate(rows):
        block = [n for n, row in enumerate(rows) if n != mine and row["class_code"] in family(asked["class_code"])]
        twins = {n for n, row in enumerate(rows) if n != mine and matter_of(row) == matter_of(asked)}
        ranked = rank(reports[mine], [reports[n] for n in block])
        likely = {block[place] for place, like in ranked if like.score >= LIKELY}
        said, right, same = said + len(likely), right + len(likely & twins), same + len(twins)
    print(f"quality      precision {right / said:.3f}, recall {right / same:.3f} ({len(rows)} texts, {same} pairs)")


if __name__ == "__main__":
    main()
