"""What the learning asks of text understanding; `app.workshop` answers with the real thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nlp.types import Classifier, Example, GazetteerEntry

Words = Mapping[str, Sequence[str]]


class ModelRefused(Exception):
    """The file is damaged, missing, of another installation, or fits no longer; its message says which."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`codes`: every class that is right; empty for what is outside the catalogue."""

    text: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    code: str
    texts: int
    top1: float
    top3: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1. `auc`: in scope against out of scope, None without both. `ece`: error of the confidence."""

    texts: int
    top1: float
    top3: float
    auc: float | None
    ece: float
    coverage_at_90: float
    per_class: tuple[ClassFigures, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    version: str
    generated: int
    corrected: int
    calibration: tuple[float, ...]  # numbers by which scores become chances; what they mean is the model's own affair


class Workshop(Protocol):
    """Everything here may take seconds and belongs off the request path."""

    def gold(self) -> Sequence[Labelled]:
        """The frozen set by which every model is judged."""

    def shipped_words(self) -> Words:
        """Class → the words that came with the product."""

    def train(
        self,
        path: Path,
        examples: Sequence[Example],
        held_out: Sequence[Labelled],
        *,
        words: Words,
        trained_at: str,
        calibration: Sequence[float] = (),
    ) -> Trained:
        """Write a signed model to `path`; nothing is there before it is whole.

        Its confidence is calibrated on `held_out`, or with `calibration` taken as it was measured before.
        """

    def open(self, path: Path | None, words: Words, places: Sequence[GazetteerEntry]) -> Classifier:
        """The model at `path` (None: the shipped one), ready to serve. Raises ModelRefused."""

    def evaluate(self, classifier: Classifier, cases: Sequence[Labelled]) -> Figures: ...

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        """Of each text's words, the share that the shipped model never saw."""
