"""How good the day-one model is on sentences written from the class names: see docs/understanding.md."""

from pathlib import Path

import pytest

from nlp.artefact import read
from nlp.evaluate import evaluate, read_labelled
from nlp.lexicon import read_rows
from nlp.model import fingerprint
from nlp.types import Classifier
from nlp.understand import load_model

GOLD = Path(__file__).with_name("gold.csv")


def test_every_class_has_a_gold_sentence() -> None:
    covered = {code for case in read_labelled(GOLD) for code in case.accepted}
    assert {row["code"] for row in read_rows("catalogue.csv")} <= covered


def test_the_gold_sentences_are_ranked_well(classifier: Classifier) -> None:
    figures = evaluate(classifier, read_labelled(GOLD))
    assert figures.top1 >= 0.93
    assert figures.top3 >= 0.98
    assert (figures.auc or 0) >= 0.97


def test_calls_and_letters_with_all_they_tell_besides_are_ranked_well(classifier: Classifier) -> None:
    figures = evaluate(classifier, read_labelled(GOLD.with_name("letters.csv")))
    assert figures.top1 >= 0.94
    assert figures.top3 >= 0.98
    assert (figures.auc or 0) >= 0.97
    assert figures.coverage_at_90 >= 0.6
    assert figures.ece <= 0.08


def test_confidence_means_what_it_says(classifier: Classifier) -> None:
    surest = evaluate(classifier, read_labelled(GOLD)).calibration[-1]
    assert abs(surest.said - surest.right) < 0.1


def test_the_shipped_model_was_trained_on_the_shipped_facts() -> None:
    assert load_model().facts == fingerprint()
    shipped = Path(__file__).parents[2] / "nlp" / "data" / "model.npz"
    assert read(shipped).facts == fingerprint(), "run `python -m nlp train` after editing nlp/data"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("江东区百丈路井盖丢失", {"C0114"}),
        ("喂你好我们这边自来水管爆掉了水喷得好高", {"E0402"}),
        ("公厕旁边的垃圾没人清", {"E0102"}),
        ("我骑电瓶车差点摔了，路上有个大坑", {"E0110"}),
        ("天不亮就有人在楼下卖菜", {"E0501", "E2124", "E2125"}),
        ("路燈壞了", {"C0118"}),
        ("ＫＴＶ半夜太吵", {"E0508"}),
    ],
)
def test_the_matter_decides_not_its_surroundings(classifier: Classifier, text: str, codes: set[str]) -> None:
    assert classifier.understand(text).candidates[0].code in codes
