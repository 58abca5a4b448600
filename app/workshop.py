"""Text understanding as the learning needs it: training, judging and opening models, signed for this installation."""

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from app.config import Settings
from app.learning.port import ClassFigures, Figures, Labelled, ModelRefused, Trained, Words
from nlp import artefact
from nlp import evaluate as judging
from nlp.data import data_path
from nlp.lexicon import words_per_class
from nlp.model import OUT_OF_SCOPE, LinearModel, fingerprint
from nlp.segment import Segmenter
from nlp.text import normalise
from nlp.types import Classifier, Example, GazetteerEntry
from nlp.understand import TextUnderstanding, load_model

GOLD = "gold.csv"
ENOUGH_TO_CALIBRATE = 50
MOST_TO_CALIBRATE = 400
SHARPNESSES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3)
_LEAST_CHANCE = 1e-3


class NlpWorkshop:
    """`cache_dir` keeps the shipped model when its facts were edited; trained ones lie where the learning says."""

    def __init__(self, settings: Settings) -> None:
        self._cache_dir = settings.data_dir / "nlp"
        # Not the secret itself: a key per purpose, so that neither betrays the other.
        self._key = hmac.digest(settings.secret_key.get_secret_value().encode(), b"model files", hashlib.sha256)

    def gold(self) -> Sequence[Labelled]:
        return [Labelled(case.text, case.accepted) for case in judging.read_labelled(data_path(GOLD))]

    def shipped_words(self) -> Words:
        return words_per_class()

    def train(
        self,
        path: Path,
        examples: Sequence[Example],
        held_out: Sequence[Labelled],
        *,
        words: Words,
        trained_at: str,
        sharpness: float | None = None,
    ) -> Trained:
        from nlp.train import train  # scikit-learn takes a second to import and is needed here only

        model = train(examples, words=words, trained_at=trained_at)
        sharp = sharpness or _sharpness(model, held_out)
        model = replace(model, calibration=replace(model.calibration, sharpness=sharp))
        artefact.save(model, path, self._key)
        return Trained(model.version, model.card.generated, model.card.corrected, sharp)

    def open(self, path: Path | None, words: Words, places: Sequence[GazetteerEntry]) -> Classifier:
        model = self._shipped if path is None else self._read(path)
        # Words already known at training are in the model's card; what was taken off the list since must go there, too.
        return TextUnderstanding(model, words=words, places=places)

    def evaluate(self, classifier: Classifier, cases: Sequence[Labelled]) -> Figures:
        found = judging.evaluate(classifier, [_case(each) for each in cases])
        return Figures(
            texts=found.texts,
            top1=found.top1,
            top3=found.top3,
            auc=found.auc,
            ece=found.ece,
            coverage_at_90=found.coverage_at_90,
            per_class=tuple(ClassFigures(each.code, each.texts, each.top1, each.top3) for each in found.per_class),
        )

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        """Against the shipped model always: a measure that moves with the model would hide what it should show."""
        vocabulary = self._shipped.words.rows
        return [_share_outside(vocabulary, self._segmenter.words(normalise(text))) for text in texts]

    @cached_property
    def _shipped(self) -> LinearModel:
        return load_model(self._cache_dir)

    @cached_property
    def _segmenter(self) -> Segmenter:
        return Segmenter(())

    def _read(self, path: Path) -> LinearModel:
        try:
            model = artefact.read(path, self._key)
        except artefact.BrokenModel as error:
            raise ModelRefused(f"模型文件损坏、缺失或签名不符：{error}") from None
        if model.facts != fingerprint():
            raise ModelRefused("模型是用另一版本的目录和词表训练的，请重新训练")
        return model


def _case(each: Labelled) -> judging.Labelled:
    return judging.Labelled(each.text, each.codes, min(each.codes, default=OUT_OF_SCOPE))


def _sharpness(model: LinearModel, held_out: Sequence[Labelled]) -> float:
    """How far scores may be trusted: the value under which what people decided was least surprising."""
    cases = [case for case in held_out if case.codes][:MOST_TO_CALIBRATE]
    if len(cases) < ENOUGH_TO_CALIBRATE:
        return model.calibration.sharpness
    serving = {
        sharp: TextUnderstanding(replace(model, calibration=replace(model.calibration, sharpness=sharp)))
        for sharp in SHARPNESSES
    }
    return min(SHARPNESSES, key=lambda sharp: _surprise(serving[sharp], cases))


def _surprise(classifier: Classifier, cases: Sequence[Labelled]) -> float:
    return -sum(math.log(_chance_of(classifier, case)) for case in cases)


def _chance_of(classifier: Classifier, case: Labelled) -> float:
    chances = [each.confidence for each in classifier.understand(case.text).candidates if each.code in case.codes]
    return max(_LEAST_CHANCE, *chances) if chances else _LEAST_CHANCE


def _share_outside(vocabulary: Mapping[str, int], cut: Sequence[tuple[str, int, int]]) -> float:
    words = [word for word, _, _ in cut if word.isalnum()]
    return round(sum("w" + word not in vocabulary for word in words) / len(words), 4) if words else 0.0
