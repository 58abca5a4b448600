"""定时报警: which share of a limit is told to whom, and when that is. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.catalogue.calendars import WorkCalendar
from app.catalogue.clocks import Limit, advance


class Post(StrEnum):
    """Who stands on a rung."""

    HANDLER = "handler"  # the unit's desk and its duty telephone
    HEAD = "head"  # the unit's head
    LEADER = "leader"  # the leader nearest to the place
    DISPATCHER = "dispatcher"
    INSPECTOR = "inspector"
    ORDER = "order"  # nobody is told: 超时督办 is ordered by the system


@dataclass(frozen=True, slots=True)
class Rung:
    percent: int
    post: Post
    area_code: str = ""
    class_code: str = ""
    at_night: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rung of one case, with the moment at which it is reached."""

    rung: Rung
    at: datetime


DEFAULT_LADDER = (
    Rung(50, Post.HANDLER),
    Rung(80, Post.HANDLER),
    Rung(80, Post.HEAD),
    Rung(100, Post.HANDLER, at_night=True),
    Rung(100, Post.HEAD),
    Rung(100, Post.LEADER),
)


def fitting(rungs: Iterable[Rung], area_code: str, class_code: str) -> list[Rung]:
    """The ladder made for the nearest area and, within it, the nearest class; it replaces the wider ones."""
    found = [each for each in rungs if area_code.startswith(each.area_code) and class_code.startswith(each.class_code)]
    nearest = max(((len(each.area_code), len(each.class_code)) for each in found), default=(0, 0))
    mine = [each for each in found if (len(each.area_code), len(each.class_code)) == nearest]
    return sorted(mine, key=lambda each: (each.percent, each.post))


def alarms(rungs: Sequence[Rung], due: datetime, limit: Limit, extensions: int, calendar: WorkCalendar) -> list[Alarm]:
    """Counted back and forth from the deadline on the limit's own clock, so that a suspension moves them with it."""
    whole = limit.duration * (1 + extensions)

    def moment(percent: int) -> datetime:
        return due if percent == 100 else advance(due, whole * (percent / 100) - whole, limit.clock, calendar)

    return [Alarm(each, moment(each.percent)) for each in rungs]
