"""Text understanding as the learning needs it: training, judging and opening models, signed for this installation."""

import hashlib
import hmac
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
from nlp.model import OUT_OF_SCOPE, Calibration, LinearModel, fingerprint
from nlp.segment import Segmenter
from nlp.text import normalise
from nlp.types import Classifier, Example, GazetteerEntry
from nlp.understand import TextUnderstanding, load_model

GOLD = "gold.csv"


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
        calibration: Sequence[float] = (),
    ) -> Trained:
        from nlp.calibrate import calibrate  # scikit-learn takes a second to import and is needed here only
        from nlp.train import train

        model = train(examples, words=words, trained_at=trained_at)
        if calibration:
            model = replace(model, calibration=Calibration(calibration[0], tuple(calibration[1:])))
        else:
            model = calibrate(model, [_case(each) for each in held_out])
        artefact.save(model, path, self._key)
        numbers = (model.calibration.sharpness, *model.calibration.scope)
        return Trained(model.version, model.card.generated, model.card.corrected, numbers)

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


def _share_outside(vocabulary: Mapping[str, int], cut: Sequence[tuple[str, int, int]]) -> float:
    words = [word for word, _, _ in cut if word.isalnum()]
    return round(sum("w" + word not in vocabulary for word in words) / len(words), 4) if words else 0.0
