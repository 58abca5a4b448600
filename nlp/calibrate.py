"""Chances that mean what they say: fitted on cases whose right class is known, newest and never trained on.

`calibrate(model, cases) → LinearModel`: the same weights with a Calibration of their own. Needs scikit-learn.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlp.classify import Ranking, chances_of
from nlp.evaluate import Labelled
from nlp.model import Calibration, LinearModel
from nlp.understand import TextUnderstanding

_SHARPNESSES = np.geomspace(1.0, 16.0, 33)
_LEAST_INSIDE, _LEAST_OUTSIDE = 50, 20  # fewer cases say less than the constants chosen on letters
_LEAST_CHANCE = 1e-4
_HOLD = 20.0  # cases that the constants weigh as much as


def calibrate(model: LinearModel, cases: Sequence[Labelled]) -> LinearModel:
    """Fits sharpness where enough cases are of the catalogue, in-scope weights where enough are not, too."""
    known, before = TextUnderstanding(model), model.calibration
    inside = [(known.rank(case.text), case.accepted) for case in cases if case.accepted]
    outside = [known.rank(case.text) for case in cases if not case.accepted]
    if len(inside) < _LEAST_INSIDE:
        return model
    rankings = [ranking for ranking, _ in inside]
    right = [known.codes[ranking.order[0]] in accepted for ranking, accepted in inside]
    scope = _scope(rankings, outside, before) if len(outside) >= _LEAST_OUTSIDE else before.scope
    return _with(model, Calibration(_sharpness(rankings, right, before), scope))


def _with(model: LinearModel, calibration: Calibration) -> LinearModel:
    """Another calibration is another version: its suggestions say other chances."""
    mark = hashlib.sha256(repr(calibration).encode()).hexdigest()[:4]
    return replace(model, calibration=calibration, version=f"{model.version.split('+')[0]}+{mark}")


def _sharpness(rankings: Sequence[Ranking], right: Sequence[bool], before: Calibration) -> float:
    """The one under which being right and wrong surprises least; the constant has a say of _HOLD cases."""

    def surprise(sharpness: float) -> float:
        chances = [float(chances_of(ranking, sharpness)[0]) for ranking in rankings]
        sure = [chance if is_right else 1 - chance for chance, is_right in zip(chances, right, strict=True)]
        drift = float(np.log(sharpness / before.sharpness))
        return _HOLD * drift * drift - float(np.log(np.maximum(sure, _LEAST_CHANCE)).sum())

    return round(float(min(_SHARPNESSES, key=surprise)), 3)


def _scope(inside: Sequence[Ranking], outside: Sequence[Ranking], before: Calibration) -> tuple[float, ...]:
    """A logistic regression pulled towards the weights there were: the signs are taken relative to what they say."""
    signs = np.array([ranking.signs for ranking in (*inside, *outside)])
    labels = np.array([1] * len(inside) + [0] * len(outside))
    said = signs @ np.array(before.scope)
    features = np.column_stack([said, signs[:, 1:]])
    fitted = LogisticRegression(C=1 / _HOLD, class_weight="balanced").fit(features, labels)
    slope, *further = (float(weight) for weight in fitted.coef_[0])
    weights = slope * np.array(before.scope) + np.array([float(fitted.intercept_[0]), *further])
    return tuple(round(float(weight), 4) for weight in weights)
