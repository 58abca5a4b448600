"""What a deadline costs: `python -m benchmarks.deadlines [--rounds N] [--smoke]`.

Microseconds of processor time for one deadline on each of the four clocks, with the moment of yellow, with and without
the derivation in words; and for an extension and a suspension of it. Starts are drawn over the four years of holidays.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from app.cases.deadlines import Running, deadline_of
from app.catalogue.calendars import WorkCalendar
from app.catalogue.clocks import Clock, Limit, due_at
from app.catalogue.importing import SHIPPED_HOLIDAYS, read_special_days
from app.clock import CITY

GOAL = 50.0
LIMITS = (
    Limit(2, Clock.URGENT_HOUR),
    Limit(4, Clock.WORK_HOUR),
    Limit(2, Clock.WORK_DAY),
    Limit(30, Clock.WORK_DAY),
    Limit(7, Clock.NATURAL_DAY),
)
FIRST = datetime(2024, 1, 1, tzinfo=CITY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20_000, help="deadlines timed on each clock")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    rounds = 200 if options.smoke else options.rounds
    calendar = WorkCalendar(special=read_special_days(SHIPPED_HOLIDAYS))
    drawn = random.Random(5)
    starts = [FIRST + timedelta(minutes=drawn.randrange(60 * 24 * 1400)) for _ in range(rounds)]
    worst = max(measure(limit, starts, calendar) for limit in LIMITS)
    verdict = "reached" if worst <= GOAL else "missed"
    print(f"goal         {GOAL:.0f} µs a deadline: {verdict} (slowest median {worst:.1f} µs)")


def measure(limit: Limit, starts: list[datetime], calendar: WorkCalendar) -> float:
    """The median of the bare deadline, which the goal is about; what surrounds it is printed beside."""
    bare = [time_one(partial(due_at, start, limit, calendar)) for start in starts]
    told = [time_one(partial(deadline_of, start, limit, calendar)) for start in starts]
    running = [Running(due_at(start, limit, calendar).at, limit, calendar) for start in starts]
    longer = [time_one(each.extended) for each in running]
    resumed = [time_one(partial(held, each)) for each in running]
    figures = (("deadline", bare), ("with words", told), ("extension", longer), ("suspension", resumed))
    print(f"{limit.text:8}\t" + "   ".join(f"{name} {tell(micros)}" for name, micros in figures))
    return statistics.median(bare)


def held(running: Running) -> object:
    stopped = running.due_at - timedelta(minutes=30)
    return running.resumed(stopped, stopped + timedelta(days=20), "恢复处置")


def time_one(work: Callable[[], object]) -> float:
    """Microseconds of this thread's processor time: what a neighbour on the machine does is not counted."""
    begun = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - begun) / 1000


def tell(micros: list[float]) -> str:
    return f"{statistics.median(micros):.1f} µs (p95 {sorted(micros)[int(len(micros) * 0.95)]:.1f})"


if __name__ == "__main__":
    main()
