"""Intent, urgency, mood and the five elements on labelled sentences of our own: see docs/understanding.md."""

import csv
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.mood import find_mood
from nlp.slots import find_slots
from nlp.text import normalise
from nlp.types import Classifier, Intent, Mood, SlotName, Understanding
from tests.support.shipped import shipped

HERE = Path(__file__).parent
SETS = ("speech.csv", "speech_fresh.csv")


def rows_of(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def understood(name: str) -> list[tuple[dict[str, str], Understanding]]:
    classifier = shipped()
    return [(row, classifier.understand(row["text"])) for row in rows_of(name)]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("what", ["intent", "urgency", "mood"])
def test_what_a_caller_wants_and_feels_is_told(name: str, what: str) -> None:
    told = understood(name)
    right = sum(getattr(known, what).value == row[what] for row, known in told)
    assert right / len(told) >= 0.95


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("slot", [SlotName.WHO, SlotName.WHEN, SlotName.WHERE])
def test_the_elements_are_found_where_they_stand(name: str, slot: SlotName) -> None:
    wanted = found = 0
    for row, known in understood(name):
        if row[slot.value]:
            start = row["text"].index(row[slot.value])
            spans = [(s.start, s.end) for s in known.slots if s.name is slot]
            found += any(first < start + len(row[slot.value]) and start < last for first, last in spans)
            wanted += 1
    assert found / wanted >= 0.9


@pytest.mark.parametrize("name", SETS)
def test_whatever_is_not_calm_or_normal_has_its_reason(name: str) -> None:
    for row, known in understood(name):
        assert bool(known.mood_reason) == (known.mood is not Mood.CALM), row
        assert bool(known.urgency_reason) == (known.urgency.value != "normal"), row


def test_the_five_elements_of_a_complaint(classifier: Classifier) -> None:
    text = "我是划船社区的居民，百丈路168号烧烤店每天半夜放音响，吵得孩子没法睡觉"
    slots = {name: [s.text for s in classifier.understand(text).slots if s.name is name] for name in SlotName}
    assert "我是划船社区的居民" in slots[SlotName.WHO]
    assert "每天半夜" in slots[SlotName.WHEN]
    assert "百丈路168号" in slots[SlotName.WHERE]
    assert any("放音响" in what for what in slots[SlotName.WHAT])
    assert any("没法睡觉" in how for how in slots[SlotName.HOW])


@pytest.mark.parametrize(
    ("text", "mood", "words"),
    [
        ("你们就是踢皮球", Mood.ANGRY, "踢皮球"),
        ("天天这样，烦死了", Mood.UPSET, "天天这样"),
        ("井盖没了，担心有小孩掉下去", Mood.WORRIED, "担心"),
        ("不危险，就是难看", Mood.CALM, ""),
        ("感谢你们，不过路灯又坏了", Mood.UPSET, "又坏了"),
    ],
)
def test_the_mood_quotes_the_words_that_told_it(text: str, mood: Mood, words: str) -> None:
    found, reason = find_mood(text, Intent.COMPLAINT)
    assert found is mood
    assert words in reason


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("福庆西二路路灯坏了", "“福庆西二路”在哪个区"),
        ("鄞州区中山西路路灯坏了", "海曙区还是鄞州区"),
        ("我在杭州这边路灯坏了", "杭州吗"),
        ("杭州路的路灯坏了", "杭州路"),
        ("百丈路168号半夜放音响太吵了", "哪家店"),
        ("百丈路168号酒吧放音响太吵了", "什么时间"),
    ],
)
def test_the_agent_asks_for_what_is_missing(classifier: Classifier, text: str, part: str) -> None:
    assert part in classifier.understand(text).question


PARTS = [
    "百丈路",
    "每天",
    "三",
    "点",
    "，",
    "楼上",
    "邻居",
    "被撞",
    "怕",
    "😀",
    "\ud800",
    "Ａ",
    "我们是",
    "居民",
    "！！",
]
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PARTS), max_size=30).map("".join))


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_slots_of_any_text_point_into_it(text: str) -> None:
    slots = find_slots(text, normalise(text), (), ())
    for slot in slots:
        assert text[slot.start : slot.end] == slot.text
        assert slot.start < slot.end
    assert slots == find_slots(text, normalise(text), (), ())


@pytest.mark.parametrize(
    "text", ["三点" * 5000, "每天" * 5000, "楼上" * 5000, "一" * 10_000, "我是" * 5000, "有个" * 5000]
)
def test_long_repetitions_cost_no_squares(classifier: Classifier, text: str) -> None:
    assert classifier.understand(text).latency_us < 2_000_000  # a bound against squares and cubes, not a speed goal
