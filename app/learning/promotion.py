"""Whether a new model may take the old one's place. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.learning.port import ClassFigures, Figures

MOST_LOSS = 0.005  # half a point of top-1 or top-3
MOST_CLASS_LOSS = 0.10
ENOUGH_OF_A_CLASS = 20
ENOUGH_OF_A_WEEK = 20  # with fewer, one text alone would decide
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Trial:
    """Old and new on the same texts."""

    name: str
    old: Figures
    new: Figures


def objections(trials: Sequence[Trial]) -> list[str]:
    """Reasons against, in Chinese; none: it may be promoted."""
    return [reason for trial in trials for reason in _against(trial)]


def _against(trial: Trial) -> Iterator[str]:
    for label, old, new in (("top-1", trial.old.top1, trial.new.top1), ("top-3", trial.old.top3, trial.new.top3)):
        if old - new > MOST_LOSS + _ROUNDING:
            yield f"{trial.name} {label} 由 {old:.1%} 降至 {new:.1%}"
    now = {each.code: each for each in trial.new.per_class}
    for before in trial.old.per_class:
        after = now.get(before.code)
        if after is not None and _falls(before, after):
            yield f"{trial.name} {before.code} 由 {before.top1:.0%} 降至 {after.top1:.0%}（{before.texts} 件）"


def _falls(before: ClassFigures, after: ClassFigures) -> bool:
    return before.texts >= ENOUGH_OF_A_CLASS and before.top1 - after.top1 >= MOST_CLASS_LOSS - _ROUNDING
