"""What recognition does to a caller's words must not change what is understood."""

from pathlib import Path

import pytest

from nlp.evaluate import evaluate, read_labelled
from tests.support.shipped import shipped


def test_misheard_calls_are_ranked_nearly_as_well_as_written_ones() -> None:
    figures = evaluate(shipped(), read_labelled(Path(__file__).with_name("heard.csv")))
    assert figures.top1 >= 0.9
    assert figures.top3 >= 0.95


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("消房通道停满了车", "消防通道停满了车"),
        ("有个警盖不见了", "有个井盖不见了"),
        ("呃那个那个路灯嗯不亮了", "路灯不亮了"),
        ("路灯路灯路灯不亮", "路灯不亮"),
        ("我我我家的下水倒堵了", "我家的下水道堵了"),
        ("消防通道停满了车", "消防通道停满了车"),
    ],
)
def test_fillers_stutter_and_homophones_are_put_right(heard: str, meant: str) -> None:
    words, places = shipped().rank(meant), shipped().rank(heard)
    assert places.order[0] == words.order[0]
    assert abs(float(places.scores.max() - words.scores.max())) < 0.25


@pytest.mark.parametrize("text", ["小区影响太大了", "外墙装修无人施工", "公共车位停车乱收费", "地铁站在路口等人"])
def test_words_that_mean_something_are_not_taken_for_others(text: str) -> None:
    assert shipped().hearing.put_right(text) == text


def test_terms_of_a_mended_text_quote_what_was_told() -> None:
    text = "呃那个消房通道啊被人停车停满了"
    terms = shipped().understand(text).candidates[0].terms
    assert terms
    assert all(text[term.start : term.end] == term.text for term in terms)
    assert any("消房通道" in term.text for term in terms)
