"""Whether a new complaint is known already, on variants of matters that share class and street (duplicates.csv)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.duplicates import LIKELY, Report, family, rank
from nlp.lexicon import read_rows

VARIANTS = Path(__file__).with_name("duplicates.csv")


def variants() -> list[dict[str, str]]:
    with VARIANTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report(row: dict[str, str]) -> Report:
    return Report(f"{row['address']} {row['text']}", row["class_code"], row["community"])


@pytest.mark.parametrize("block_only", [True, False])
def test_the_same_matter_is_told_from_others_of_its_class_and_street(block_only: bool) -> None:
    rows = variants()
    said = right = same = 0
    for asked in rows:
        others = [row for row in rows if row is not asked and (row["block"] == asked["block"] or not block_only)]
        twins = {id(row) for row in others if (row["block"], row["matter"]) == (asked["block"], asked["matter"])}
        block = [row for row in others if row["class_code"] in family(asked["class_code"])]
        likely = [n for n, like in rank(report(asked), [report(row) for row in block]) if like.score >= LIKELY]
        same, said = same + len(twins), said + len(likely)
        right += sum(id(block[n]) in twins for n in likely)
    assert right / said >= 0.9
    assert right / same >= 0.7


def test_another_door_of_the_same_road_is_another_matter() -> None:
    asked = Report("百丈路15号井盖不见了", "C0103")
    same, other = Report("百丈路十五号雨水井盖丢失", "C0103"), Report("百丈路85号井盖不见了", "C0103")
    (first, likely), (second, unlikely) = rank(asked, [other, same])
    assert (first, second) == (1, 0)
    assert likely.score >= LIKELY > unlikely.score
    assert "同一门牌" in likely.reasons
    assert "同一门牌" not in unlikely.reasons


@pytest.mark.parametrize(
    ("near", "far", "reason"),
    [
        ({"caller": "a"}, {"caller": "b"}, "同一来电人"),
        ({"spot": (121.5501, 29.8701)}, {"spot": (121.5601, 29.8701)}, "位置相近"),
        ({"community": "330212008006"}, {"community": "330212008007"}, "同一社区"),
    ],
)
def test_caller_pin_and_community_speak_for_the_same_matter(
    near: dict[str, object], far: dict[str, object], reason: str
) -> None:
    asked = Report("路灯不亮", "C0118", community="330212008006", spot=(121.55, 29.87), caller="a")
    found = dict(rank(asked, [Report("灯坏了", "C0118", **fields) for fields in (near, far)]))  # type: ignore[arg-type]
    assert found[0].score > found[1].score
    assert reason in found[0].reasons
    assert reason not in found[1].reasons


def test_two_cases_in_the_middle_of_an_area_are_not_near_each_other() -> None:
    spot = (121.55, 29.87)
    ((_, like),) = rank(Report("路灯不亮", "C0118", spot=spot), [Report("灯坏了", "C0118", spot=spot)])
    assert "位置相近" not in like.reasons


def test_the_twin_is_found_in_a_large_block() -> None:
    crowd = [Report(f"百丈路{n}号路灯不亮，请尽快处理", "C0118") for n in range(1, 200)]
    found = rank(Report("百丈路168号路灯坏了", "C0118"), crowd, at_most=1)
    assert crowd[found[0][0]].text.startswith("百丈路168号")


def test_families_name_classes_of_the_catalogue_and_hold_each_other() -> None:
    codes = {row["code"] for row in read_rows("catalogue.csv")}
    for code in codes:
        assert code in family(code)
        assert set(family(code)) <= codes
        assert all(code in family(other) for other in family(code))


TEXT = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(["百丈路", "15号", "井盖", "\ud800", " "])).map("".join)
)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.lists(TEXT, max_size=5))
def test_any_texts_can_be_compared_and_the_order_of_the_known_does_not_matter(asked: str, known: list[str]) -> None:
    reports = [Report(text, "C0118") for text in known]
    found = rank(Report(asked, "C0118"), reports)
    assert len(found) == len(known)
    assert all(0 <= like.score <= 1 for _, like in found)
    again = rank(Report(asked, "C0118"), reports[::-1])
    assert sorted(like.score for _, like in found) == sorted(like.score for _, like in again)
