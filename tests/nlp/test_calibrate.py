"""Chances fitted on known cases."""

from collections.abc import Sequence
from pathlib import Path

from nlp.artefact import read, save
from nlp.evaluate import Labelled, evaluate, read_labelled
from nlp.model import LinearModel
from nlp.understand import load_model

LETTERS = read_labelled(Path(__file__).with_name("letters.csv"))


def calibrate(model: LinearModel, cases: Sequence[Labelled]) -> LinearModel:
    # scikit-learn takes a second to import: not in every process that only looks what tests there are.
    from nlp import calibrate

    return calibrate.calibrate(model, cases)


def test_too_few_cases_change_nothing() -> None:
    model = load_model()
    assert calibrate(model, LETTERS[:20]) is model


def test_a_city_where_suggestions_are_often_wrong_hears_lower_chances(tmp_path: Path) -> None:
    model = load_model()
    wrong = [Labelled(case.text, frozenset({"C0130"}), "C0130") if n % 2 else case for n, case in enumerate(LETTERS)]
    humble = calibrate(model, wrong)
    assert humble.calibration.sharpness < model.calibration.sharpness
    assert humble.version != model.version
    before, after = evaluate(model, LETTERS), evaluate(humble, LETTERS)
    assert (after.top1, after.top3) == (before.top1, before.top3)
    assert after.calibration[-1].texts < before.calibration[-1].texts
    save(humble, tmp_path / "model.npz")
    assert read(tmp_path / "model.npz").calibration == humble.calibration
