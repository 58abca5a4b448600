"""Importing a catalogue: all of it or nothing, and every bad row by its line."""

from pathlib import Path

import pytest

from app.catalogue.importing import read_catalogue, read_special_days
from app.errors import Invalid
from nlp.data import data_path

CLASSES, CONDITIONS = data_path("catalogue.csv"), data_path("filing_conditions.csv")


def changed(source: Path, folder: Path, old: str, new: str) -> Path:
    text = source.read_text(encoding="utf-8")
    assert old in text
    copy = folder / source.name
    copy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_the_shipped_catalogue_has_184_classes_and_482_conditions() -> None:
    entries = read_catalogue(CLASSES, CONDITIONS)
    assert len(entries) == 184
    assert sum(len(entry.conditions) for entry in entries) == 482
    assert sum(entry.kind == "component" for entry in entries) == 102


def test_a_missing_sewage_cover_has_two_urgent_hours() -> None:
    cover = next(entry for entry in read_catalogue(CLASSES, CONDITIONS) if entry.code == "C0102")
    assert cover.condition(1).limit.text == "2 紧急工作时"
    assert cover.condition(3).limit.text == "2 工作日"
    assert cover.major == "C01"
    assert cover.safety_critical


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "C0101,1,盖板缺失、移位或断裂，人车有坠落绊倒危险,2,urgent_hour",
            "C0101,1,,2,urgent_hour",
            "filing_condition 不能为空",
        ),
        ("人车有坠落绊倒危险,2,urgent_hour", "人车有坠落绊倒危险,0,urgent_hour", "时限至少为 1"),
        ("人车有坠落绊倒危险,2,urgent_hour", "人车有坠落绊倒危险,2,fortnight", "fortnight"),
        ("人车有坠落绊倒危险,2,urgent_hour", "人车有坠落绊倒危险,two,urgent_hour", "two"),
    ],
)
def test_a_bad_condition_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    conditions = changed(CONDITIONS, tmp_path, old, new)
    with pytest.raises(Invalid) as refusal:
        read_catalogue(CLASSES, conditions)
    assert "filing_conditions.csv 第 2 行" in refusal.value.facts["rows"][0]
    assert told in refusal.value.facts["rows"][0]
    assert "未写入任何数据" in refusal.value.message


def test_conditions_of_an_unknown_class_are_refused(tmp_path: Path) -> None:
    conditions = changed(CONDITIONS, tmp_path, "C0101,1,", "C9999,1,")
    with pytest.raises(Invalid) as refusal:
        read_catalogue(CLASSES, conditions)
    assert any("C9999 不存在" in row for row in refusal.value.facts["rows"])


def test_a_class_named_twice_and_a_class_without_conditions_are_refused(tmp_path: Path) -> None:
    classes = changed(CLASSES, tmp_path, "C0102,component", "C0101,component")
    with pytest.raises(Invalid) as refusal:
        read_catalogue(classes, CONDITIONS)
    rows = refusal.value.facts["rows"]
    assert any("C0101 重复" in row for row in rows)
    assert any("C0102 不存在" in row for row in rows)


def test_every_bad_row_is_named_not_only_the_first(tmp_path: Path) -> None:
    text = CONDITIONS.read_text(encoding="utf-8").replace("urgent_hour", "hour")
    copy = tmp_path / CONDITIONS.name
    copy.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        read_catalogue(CLASSES, copy)
    assert len(refusal.value.facts["rows"]) >= 50


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    classes = changed(CLASSES, tmp_path, "name_en", "english")
    with pytest.raises(Invalid) as refusal:
        read_catalogue(classes, CONDITIONS)
    assert "缺少列 name_en" in refusal.value.facts["rows"][0]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("2026-10-01,holiday,国庆节,0\n2026-10-01,holiday,国庆节,0", "重复"),
        ("2026-10-09,make_up,国庆节,0", "本来就是工作日"),
        ("2026-02-30,holiday,春节,0", "第 2 行"),
        ("2026-10-01,feast,国庆节,0", "feast"),
    ],
)
def test_a_bad_holiday_list_is_refused(tmp_path: Path, rows: str, told: str) -> None:
    path = tmp_path / "holidays.csv"
    path.write_text(f"date,kind,name,provisional\n{rows}\n", encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        read_special_days(path)
    assert told in refusal.value.facts["rows"][0]
