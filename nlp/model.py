"""The linear model: weights per feature and class, how its scores become chances, and where it came from."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlp.data import data_path

OUT_OF_SCOPE = "OOS"
_FACTS = (
    *("catalogue.csv", "filing_conditions.csv", "synonyms.csv", "phrases.csv", "combinations.csv", "concepts.csv"),
    *("out_of_scope.csv", "places.csv"),
)

Floats = NDArray[np.float32]


def fingerprint() -> str:
    """Identifies the facts a model was trained on: other facts, another model."""
    digest = hashlib.sha256()
    for name in _FACTS:
        digest.update(data_path(name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Vocabulary:
    """Features of one kind (words or characters) → row and inverse document frequency."""

    rows: dict[str, int]
    idf: Floats

    def weigh(self, counts: Counter[str], offset: int = 0) -> tuple[list[int], list[float]]:
        """Rows and values of length one; `offset` is where this vocabulary's rows begin in the model."""
        rows: list[int] = []
        values: list[float] = []
        for feature, count in counts.items():
            row = self.rows.get(feature)
            if row is not None:
                rows.append(row + offset)
                values.append((1.0 + math.log(count)) * float(self.idf[row]))
        norm = math.sqrt(sum(value * value for value in values)) or 1.0
        return rows, [value / norm for value in values]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become chances. Part of the model, because other weights give other scores."""

    sharpness: float = 4.0  # of the soft maximum that turns scores into confidence
    # Bias, best margin, margin of "foreign", best word, best combination.
    scope: tuple[float, ...] = (-2.3, 0.73, -2.48, 1.23, 1.02)


@dataclass(frozen=True, slots=True)
class Card:
    """Where a model came from; what it can do is measured by `nlp.evaluate`."""

    trained_at: str = ""  # told by the caller: training looks at no clock, so that it can be repeated
    generated: int = 0  # examples from the facts
    corrected: int = 0  # examples from people's decisions
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # extra words per class known at training


@dataclass(frozen=True)
class LinearModel:
    version: str
    facts: str
    labels: tuple[str, ...]
    words: Vocabulary
    chars: Vocabulary
    weights: NDArray[np.int8]  # row = feature, column = label; times the row's scale
    scales: Floats
    intercept: Floats
    calibration: Calibration = Calibration()
    card: Card = Card()

    def weigh(self, words: Counter[str], chars: Counter[str]) -> tuple[NDArray[np.intp], Floats]:
        word_rows, word_values = self.words.weigh(words)
        char_rows, char_values = self.chars.weigh(chars, len(self.words.rows))
        return np.array(word_rows + char_rows, dtype=np.intp), np.array(word_values + char_values, dtype=np.float32)

    def scores(self, rows: NDArray[np.intp], values: Floats) -> Floats:
        """One margin per label."""
        if not len(rows):
            return self.intercept.copy()
        # einsum, not @: BLAS would start threads for a few thousand products and sum in an order of its own.
        found: Floats = np.einsum("i,ij->j", values * self.scales[rows], self.weights[rows], dtype=np.float32)
        return found + self.intercept

    def pull(self, word: str, label: int) -> float:
        """How strongly a word speaks for a label."""
        row = self.words.rows.get("w" + word)
        return 0.0 if row is None else float(self.weights[row, label]) * float(self.scales[row] * self.words.idf[row])


def quantise(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Eight bits a weight and a scale per feature: a quarter of the size, no change in the ranking that counts."""
    scales: Floats = (np.abs(weights).max(axis=1) / 127.0 + 1e-12).astype(np.float32)
    return np.rint(weights / scales[:, None]).astype(np.int8), scales
