"""The compiled segmenter is an equal choice: the same words, so the same features and the same ranking."""

import logging
import random
from pathlib import Path

import pytest

from nlp.evaluate import evaluate, read_labelled
from nlp.generate import generate
from nlp.lexicon import own_words, words_per_class
from nlp.segment import Segmenter
from nlp.text import normalise
from nlp.understand import TextUnderstanding, load_model

GOLD = Path(__file__).with_name("gold.csv")


def test_both_segmenters_cut_the_same_words() -> None:
    pytest.importorskip("rjieba")
    own = list(own_words(words_per_class()))
    plain, compiled = Segmenter(own, "jieba"), Segmenter(own, "rjieba")
    texts = [case.text for case in read_labelled(GOLD)]
    texts += [example.text for example in random.Random(3).sample(list(generate()), 300)]
    for text in [*map(normalise, texts), "😀井盖a 1路灯", ""]:
        assert compiled.words(text) == plain.words(text)


def test_the_compiled_segmenter_ranks_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rjieba")
    cases = read_labelled(GOLD)[::4]
    by_default = evaluate(TextUnderstanding(load_model()), cases)
    monkeypatch.setenv("NLP_SEGMENTER", "rjieba")
    chosen = evaluate(TextUnderstanding(load_model()), cases)
    assert (chosen.top1, chosen.top3, chosen.auc) == (by_default.top1, by_default.top3, by_default.auc)


def test_a_segmenter_that_is_not_there_is_told_and_jieba_works(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert Segmenter(["井盖"], "other").words("井盖丢了")[0] == ("井盖", 0, 2)
    assert "other" in caplog.text
