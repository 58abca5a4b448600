"""What holds for every text at all."""

import json
import subprocess
import sys

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.text import normalise
from nlp.types import Classifier, Intent, Understanding, Urgency
from tests.support.shipped import shipped

SPOKEN = [
    "井盖",
    "丢了",
    "路灯",
    "不亮",
    "。",
    "，",
    "另外",
    "江东区",
    "百丈路",
    "河水",
    "臭",
    "没有",
    "修好了",
    "骑",
    "旁边",
    "1",
    "13812345678",
    "我叫王",
    "😀",
    "\u0000",
    "\u202e",
    "ﬁ",
    "İ",
    "ß",
    "燈",
    "Ａ",
    "𠮷",
    "\ud800",
    " ",
    "\n",
    "呃",
    "那个那个",
    "消房通道",
    "警盖",
    "我我我",
]
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(SPOKEN), max_size=30).map("".join))


def spans(known: Understanding) -> list[tuple[str, int, int]]:
    terms = [term for candidate in known.candidates for term in candidate.terms]
    return [(span.text, span.start, span.end) for span in (*terms, *known.places, *known.matters)]


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_understood_and_every_offset_points_into_it(text: str) -> None:
    known = shipped().understand(text)
    for part, start, end in spans(known):
        assert text[start:end] == part
    assert len(known.candidates) <= 5
    assert 0 <= known.in_scope <= 1
    assert sum(candidate.confidence for candidate in known.candidates) <= 1.001
    confidences = [candidate.confidence for candidate in known.candidates]
    assert confidences == sorted(confidences, reverse=True)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_normalising_and_redacting_keep_every_character_in_its_place(text: str) -> None:
    assert len(normalise(text)) == len(text)
    redacted = shipped().redact(text)
    assert len(redacted) == len(text)
    assert all(shown in (char, "*") for char, shown in zip(text, redacted, strict=True))


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
def test_places_alone_are_the_places_of_the_whole(text: str) -> None:
    assert shipped().find_places(text) == shipped().understand(text).places


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了，" * 2000,
        "河臭" * 5000,
        "江东区百丈路" * 1700,
        "a" * 10_000,
        "1" * 10_000,
        "1 " * 5000,
        "我叫" * 5000,
        "着火了" * 3300,
        "\u0000" * 10_000,
        "。" * 10_000,
    ],
)
def test_ten_thousand_characters_are_no_trouble(text: str) -> None:
    known = shipped().understand(text)
    shipped().redact(text)
    assert known.latency_us < 2_000_000  # a bound against squares and cubes, not a speed goal


@pytest.mark.parametrize("text", ["", " ", "\n\t", "。"])
def test_nothing_said_names_no_class(text: str) -> None:
    known = shipped().understand(text)
    assert known.in_scope < 0.5
    assert known.urgency is Urgency.NORMAL
    assert known.intent is Intent.PRANK


def test_another_process_says_exactly_the_same() -> None:
    texts = ["江东区百丈路井盖丢失", "中山东路饭店油烟大，另外路灯不亮", "请问医保怎么报销", "河水又黑又臭"]
    lines = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
    told = [
        subprocess.run(
            [sys.executable, "-m", "nlp", "classify"],
            input=lines,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    ]
    first, second = ([json.loads(line) | {"latency_us": 0} for line in out.splitlines()] for out in told)
    assert first == second
    assert [answer["candidates"][0]["code"] for answer in first[:2]] == [
        shipped().understand(text).candidates[0].code for text in texts[:2]
    ]


def test_jiebas_global_tokenizer_is_left_alone() -> None:
    shipped().understand("雨水箅子堵了")
    assert jieba.dt.initialized is False


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("路灯坏了", "哪个区"),
        ("中山东路路灯坏了", "海曙区还是鄞州区"),
        ("百丈路路灯坏了", "门牌号"),
        ("百丈路168号井盖不见了", "写着什么字"),
        ("百丈路168号路灯坏了", ""),
        ("我的投诉到哪一步了", "编号"),
        ("有人掉河里了快来人", "110"),
    ],
)
def test_the_agent_is_told_what_to_ask_next(text: str, part: str) -> None:
    question = shipped().understand(text).question
    assert part in question
    assert bool(part) == bool(question)


@pytest.mark.parametrize(
    ("text", "urgency", "reason"),
    [
        ("楼道里闻到很浓的煤气味", Urgency.CRITICAL, "燃气"),
        ("路面塌了一个洞", Urgency.CRITICAL, "塌陷"),
        ("马路中间的井盖不见了", Urgency.URGENT, "井口"),
        ("第三次打电话了，垃圾还是没人收", Urgency.URGENT, "多次"),
        ("消防通道堵了，万一着火怎么办", Urgency.URGENT, "消防"),
        ("公园长椅断了一条腿", Urgency.NORMAL, ""),
        ("请问停车场怎么收费", Urgency.NORMAL, ""),
    ],
)
def test_urgency_comes_with_its_reason(text: str, urgency: Urgency, reason: str) -> None:
    known = shipped().understand(text)
    assert known.urgency is urgency
    assert reason in known.urgency_reason
    assert bool(reason) == bool(known.urgency_reason)


def test_a_deciding_word_is_named_once(classifier: Classifier) -> None:
    for candidate in classifier.understand("门口井盖没了，旁边路灯也不亮，好几天不亮了").candidates:
        assert len(set(candidate.terms)) == len(candidate.terms)
