"""Calls that hold several problems: each is told where it stands and with its own suggestion."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.shipped import shipped


def told(text: str) -> list[tuple[str, str]]:
    return [(matter.text, matter.candidates[0].code) for matter in shipped().understand(text).matters]


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        (
            "小区门口路灯不亮。另外有人在河边烧垃圾",
            [("小区门口路灯不亮。", "C0118"), ("另外有人在河边烧垃圾", "E0115")],
        ),
        ("路灯不亮还有下水道也堵了", [("路灯不亮", "C0118"), ("还有下水道也堵了", "E0404")]),
        ("路灯坏了，井盖也不见了", [("路灯坏了", "C0118"), ("井盖也不见了", "C0114")]),
        (
            "一个是公厕没水，第二个是广场舞太吵",
            [("一个是公厕没水", "C0301"), ("第二个是广场舞太吵", "E0508")],
        ),
        (
            "百丈路的井盖坏了。顺便说一下红绿灯也不亮了",
            [("百丈路的井盖坏了。", "C0114"), ("顺便说一下红绿灯也不亮了", "C0210")],
        ),
    ],
)
def test_two_problems_are_two_matters_each_with_its_own_class(text: str, matters: list[tuple[str, str]]) -> None:
    assert told(text) == matters


@pytest.mark.parametrize(
    "text",
    [
        "路灯不亮。整条路黑漆漆的。路灯坏了很久了",
        "楼下饭店油烟大，吵得睡不着",
        "垃圾没人收。臭气熏天，苍蝇很多",
        "下雨积水。水淹到车库了。希望疏通下水道",
        "第二天又来了一帮人摆摊",
        "路上还有个大坑",
        "树倒了压坏了车子",
    ],
)
def test_a_problem_and_what_comes_of_it_are_one_matter(text: str) -> None:
    assert [matter for matter, _ in told(text)] == [text]


def test_a_single_matter_has_the_suggestion_of_the_whole() -> None:
    known = shipped().understand("百丈路路灯不亮")
    assert known.matters[0].candidates == known.candidates


def test_no_more_than_three_matters_are_offered() -> None:
    text = "路灯坏了。另外井盖丢了。还有公厕没水。另外红绿灯不亮。还有河里有人电鱼"
    assert len(told(text)) == 3


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["路灯坏了", "，", "。", "另外", "井盖没了", "呃", "\n", " ", "广场舞太吵", "😀"]), max_size=14
    )
)
def test_matters_lie_in_order_side_by_side_and_their_terms_inside_them(parts: list[str]) -> None:
    text = "".join(parts)
    known = shipped().understand(text).matters
    assert all(a.end <= b.start for a, b in pairwise(known))
    for matter in known if len(known) > 1 else ():
        terms = [term for candidate in matter.candidates for term in candidate.terms]
        assert all(matter.start <= term.start and term.end <= matter.end for term in terms)
        assert all(text[term.start : term.end] == term.text for term in terms)
