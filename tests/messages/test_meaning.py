"""What an SMS wants, from its form alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.meaning import Meaning, read


@pytest.mark.parametrize("word", ["退订", "TD", "td", "T", "STOP", "stop", "Stop.", " quit ", "ＴＤ"])
def test_a_whole_message_that_says_stop_is_an_opt_out(word: str) -> None:
    assert read(word).meaning is Meaning.STOP


@pytest.mark.parametrize(
    "text", ["please stop the noise", "退订不了短信", "T型路口红绿灯坏了", "end of the road is dark"]
)
def test_a_complaint_that_contains_such_a_word_is_no_opt_out(text: str) -> None:
    assert read(text).meaning is Meaning.MATTER


@pytest.mark.parametrize("word", ["START", "start", "开通", "恢复"])
def test_coming_back_is_understood(word: str) -> None:
    assert read(word).meaning is Meaning.START


def test_the_carriers_own_verdict_is_obeyed() -> None:
    assert read("arrêt", "STOP").meaning is Meaning.STOP


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("查询 NB261124-00001", "NB261124-00001"),
        ("查询NB26112400001", "NB261124-00001"),
        ("查询：nb261124-00001", "NB261124-00001"),
        ("NB261124-00001", "NB261124-00001"),
        ("查询", None),
        ("进度", None),
    ],
)
def test_a_question_for_the_status_names_its_case_or_none(text: str, number: str | None) -> None:
    assert (read(text).meaning, read(text).number) == (Meaning.QUERY, number)


def test_urging_names_its_case() -> None:
    assert read("催办 NB261124-00001").number == "NB261124-00001"
    assert read("催办").meaning is Meaning.URGE


@pytest.mark.parametrize(
    ("text", "rating"), [("5", 5), ("１", 1), ("4分", 4), ("满意", 4), ("很不满意", 1), ("3。", 3)]
)
def test_a_rating_is_a_digit_or_its_word(text: str, rating: int) -> None:
    assert (read(text).meaning, read(text).rating) == (Meaning.RATING, rating)


@pytest.mark.parametrize("text", ["0", "6", "55", "5号路灯不亮", "不满意你们的处理，垃圾还在"])
def test_anything_longer_is_a_matter_not_a_rating(text: str) -> None:
    assert read(text).meaning is Meaning.MATTER


@pytest.mark.parametrize("text", ["", "   ", "\n", "?", "帮助"])
def test_an_empty_message_is_answered_with_help(text: str) -> None:
    assert read(text).meaning is Meaning.HELP


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert read(text).meaning in Meaning
