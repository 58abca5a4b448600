"""The linear model as a safe file: arrays and JSON in an npz archive, nothing executable, checked when read."""

import hashlib
import json
import math
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.data import data_path

OUT_OF_SCOPE = "OOS"
FORMAT = 1
_FACTS = ("catalogue.csv", "filing_conditions.csv", "synonyms.csv", "phrases.csv", "out_of_scope.csv", "places.csv")

Floats = NDArray[np.float32]


class BrokenModel(Exception):
    """The file is no model of ours, or damaged."""


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


def save(model: LinearModel, path: Path) -> None:
    """Write beside and rename: a reader never sees half a model."""
    meta = {"format": FORMAT, "version": model.version, "facts": model.facts, "labels": model.labels}
    words, chars = list(model.words.rows), list(model.chars.rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        np.savez_compressed(
            file,
            meta=_bytes(json.dumps(meta)),
            words=_bytes("\n".join(words)),
            chars=_bytes("\n".join(chars)),
            word_idf=model.words.idf,
            char_idf=model.chars.idf,
            weights=model.weights,
            scales=model.scales,
            intercept=model.intercept,
        )
    beside.replace(path)


def read(path: Path) -> LinearModel:
    """Raises BrokenModel for a file that is damaged, of another format, or holds anything but plain numbers."""
    try:
        # Opened here: given a path, numpy leaves the file open when the archive is damaged.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        meta = json.loads(_text(arrays["meta"]))
        if meta["format"] != FORMAT:
            raise BrokenModel(f"{path.name}: format {meta['format']} is not {FORMAT}")
        model = _assemble(meta, arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise BrokenModel(f"{path.name}: {error}") from error
    _check_shapes(model, path.name)
    return model


def _assemble(meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> LinearModel:
    return LinearModel(
        version=str(meta["version"]),
        facts=str(meta["facts"]),
        labels=tuple(map(str, meta["labels"])),
        words=_vocabulary(arrays["words"], arrays["word_idf"]),
        chars=_vocabulary(arrays["chars"], arrays["char_idf"]),
        weights=arrays["weights"],
        scales=arrays["scales"],
        intercept=arrays["intercept"],
    )


def _check_shapes(model: LinearModel, name: str) -> None:
    features, labels = len(model.words.rows) + len(model.chars.rows), len(model.labels)
    fits = (
        model.weights.shape == (features, labels)
        and model.weights.dtype == np.int8
        and model.scales.shape == (features,)
        and model.intercept.shape == (labels,)
        and model.words.idf.shape == (len(model.words.rows),)
        and model.chars.idf.shape == (len(model.chars.rows),)
    )
    if not fits or not np.isfinite(model.scales).all() or not np.isfinite(model.intercept).all():
        raise BrokenModel(f"{name}: the parts do not fit together")


def _vocabulary(features: NDArray[Any], idf: NDArray[Any]) -> Vocabulary:
    return Vocabulary({feature: row for row, feature in enumerate(_text(features).split("\n"))}, idf)


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    return array.tobytes().decode()
