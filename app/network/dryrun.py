"""What another set of rules would do with real cases: who would get which case instead. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.network.routing import Route, RouteQuery, RuleIndex, route


@dataclass(frozen=True, slots=True)
class Sample:
    """A case of the past and what the router is asked about it."""

    case_id: int
    number: str
    query: RouteQuery


@dataclass(frozen=True, slots=True)
class Switch:
    sample: Sample
    before: Route
    after: Route

    @property
    def moves(self) -> bool:
        """Whether another unit gets it, not only another rule."""
        return self.before.unit_id != self.after.unit_id


@dataclass(frozen=True, slots=True)
class DryRun:
    looked_at: int
    switches: tuple[Switch, ...]

    @property
    def moved(self) -> tuple[Switch, ...]:
        return tuple(each for each in self.switches if each.moves)

    @property
    def flows(self) -> list[tuple[str, str, int]]:
        """(from, to, how many), the largest first."""
        pairs = Counter((each.before.unit_name, each.after.unit_name) for each in self.moved)
        return [(before, after, count) for (before, after), count in pairs.most_common()]


def dry_run(samples: Iterable[Sample], before: RuleIndex, after: RuleIndex) -> DryRun:
    """Switches are the cases for which unit or rule differ."""
    switches, count = [], 0
    for sample in samples:
        count += 1
        old, new = route(sample.query, before), route(sample.query, after)
        if (old.unit_id, old.rule_id) != (new.unit_id, new.rule_id):
            switches.append(Switch(sample, old, new))
    return DryRun(count, tuple(switches))
