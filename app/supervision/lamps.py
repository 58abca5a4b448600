"""超时亮灯: which clock of a case runs now and what lamp it shows. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.cases.deadlines import lamp
from app.cases.terms import AT_THE_UNIT, State
from app.catalogue.clocks import Lamp
from app.supervision.ladder import Post


class StageClock(StrEnum):
    ACCEPT = "accept"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    LIMIT = "limit"
    CHECK = "check"
    ORDER = "order"  # a 督办's own deadline
    NONE = "none"


# Who is late when a stage clock runs out; the handling limit has its ladder instead.
ANSWERS_FOR = {
    StageClock.ACCEPT: Post.DISPATCHER,
    StageClock.VERIFY: Post.INSPECTOR,
    StageClock.DISPATCH: Post.DISPATCHER,
    StageClock.CHECK: Post.INSPECTOR,
}
RANKS = {Lamp.RED: 0, Lamp.YELLOW: 1, Lamp.GREEN: 2, Lamp.GREY: 3}


class Watched(Protocol):
    """What a lamp is told from: a case's row, or a part of it."""

    state: str
    due_at: datetime | None
    yellow_at: datetime | None
    accept_due_at: datetime | None
    verify_due_at: datetime | None
    dispatch_due_at: datetime | None
    check_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Running:
    """The clock that runs now. `due_at` None: none does."""

    clock: StageClock
    due_at: datetime | None = None
    yellow_at: datetime | None = None

    def lamp(self, now: datetime) -> Lamp:
        return lamp(now, self.due_at, self.yellow_at)


def running(case: Watched) -> Running:
    state = State(case.state)
    if state in AT_THE_UNIT:
        return Running(StageClock.LIMIT, case.due_at, case.yellow_at)
    stages = {
        State.REPORTED: (StageClock.ACCEPT, case.accept_due_at),
        State.VERIFYING: (StageClock.VERIFY, case.verify_due_at),
        State.FILED: (StageClock.DISPATCH, case.dispatch_due_at),
        State.CHECKING: (StageClock.CHECK, case.check_due_at),
    }
    clock, due = stages.get(state, (StageClock.NONE, None))
    return Running(clock, due)
