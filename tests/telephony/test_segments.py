import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.segments import Encoding, count_segments, measure


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 0),
        ("水", 1),
        ("水" * 70, 1),
        ("水" * 71, 2),
        ("水" * 134, 2),
        ("水" * 135, 3),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 70 + "水", 2),
        ("a" * 69 + "水", 1),
        ("{" * 80, 1),
        ("{" * 81, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_follow_the_standard(text: str, segments: int) -> None:
    assert count_segments(text) == segments


def test_one_chinese_character_changes_the_alphabet_of_the_whole_text() -> None:
    assert measure("a" * 160).encoding is Encoding.GSM_7
    assert measure("a" * 159 + "水").encoding is Encoding.UCS_2


def test_escaped_characters_and_emoji_count_twice() -> None:
    assert measure("{").units == 2
    assert measure("€").units == 2
    assert measure("😀").units == 2


def test_a_pair_is_not_cut_in_two_by_a_segment_border() -> None:
    # 66 units, a pair that does not fit into the 67th, and as much again: one segment more than division tells.
    text = "水" * 66 + "😀" + "水" * 66
    assert measure(text).units == 134
    assert count_segments(text) == 3
    assert count_segments("a" * 152 + "{" + "a" * 152) == 3


@given(st.text())
def test_segments_never_shrink_when_text_is_added(text: str) -> None:
    assert count_segments(text + "a") >= count_segments(text)
