"""From decisions to examples: weighed by who decided, fading with time, cut by weeks. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.learning.port import Labelled
from app.learning.terms import OUT_OF_SCOPE, WEEK
from nlp.types import Example

# A generated text counts 1. A reviewed decision was looked at twice; an overruled suggestion is where there is
# something to learn; an accepted one says little that the model did not say itself.
REVIEWED, CORRECTED, ACCEPTED = 4.0, 3.0, 1.0
HALF_LIFE_DAYS = 180
MOST_PER_CLASS = 400
SHORTEST_TEXT = 4


@dataclass(frozen=True, slots=True)
class Decision:
    text: str
    code: str
    at: datetime
    is_overridden: bool
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """`old` is learnt from, `held_out` (the week before last) calibrates, `last_week` judges."""

    old: Sequence[Decision]
    held_out: Sequence[Decision]
    last_week: Sequence[Decision]

    @property
    def everything(self) -> list[Decision]:
        return [*self.last_week, *self.held_out, *self.old]


def cut_by_time(decisions: Iterable[Decision], now: datetime) -> Cut:
    """By time, never by chance: a model is judged on what came after all it knows."""
    usable = [each for each in decisions if len(each.text.strip()) >= SHORTEST_TEXT]
    return Cut(
        old=[each for each in usable if each.at < now - 2 * WEEK],
        held_out=[each for each in usable if now - 2 * WEEK <= each.at < now - WEEK],
        last_week=[each for each in usable if each.at >= now - WEEK],
    )


def to_examples(decisions: Sequence[Decision], now: datetime) -> list[Example]:
    """Newest first, at most 400 of a class, so that a storm of one matter does not drown the rest."""
    taken: Counter[str] = Counter()
    found = []
    for each in decisions:
        taken[each.code] += 1
        if taken[each.code] <= MOST_PER_CLASS:
            found.append(Example(each.text, each.code, round(_weight(each, now), 4)))
    return found


def to_labelled(decisions: Sequence[Decision]) -> list[Labelled]:
    return [Labelled(each.text, frozenset({each.code} - {OUT_OF_SCOPE})) for each in decisions]


def _weight(decision: Decision, now: datetime) -> float:
    base = REVIEWED if decision.is_reviewed else CORRECTED if decision.is_overridden else ACCEPTED
    age = max(0.0, (now - decision.at).total_seconds() / 86_400)
    return float(base * 0.5 ** (age / HALF_LIFE_DAYS))
