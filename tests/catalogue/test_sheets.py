"""The catalogue and the calendars as tables: they come back as they went, and every bad row is named."""

from contextlib import suppress
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import calendar_sheets as sheets
from app.catalogue.calendars import DayKind, WorkCalendar, WorkingHours
from app.catalogue.clocks import Clock, Limit
from app.catalogue.importing import SHIPPED_HOLIDAYS, read_catalogue, read_special_days
from app.catalogue.sheets import COLUMNS, entries_of, rows_of
from app.errors import Invalid
from tests.catalogue.test_importing import CLASSES, CONDITIONS

ENTRIES = read_catalogue(CLASSES, CONDITIONS)
ROWS = [(line, row) for line, row in enumerate(rows_of(ENTRIES).values(), start=2)]
DAYS = read_special_days(SHIPPED_HOLIDAYS)
AREAS = {"3302"}


def with_row(at: int, **changes: str) -> list[tuple[int, dict[str, str]]]:
    return [(line, {**row, **changes} if line == at else row) for line, row in ROWS]


def told(rows: list[tuple[int, dict[str, str]]]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        entries_of(rows)
    faults: list[str] = refused.value.facts["rows"]
    return faults


def test_the_whole_catalogue_comes_back_as_it_went() -> None:
    assert entries_of(ROWS) == ENTRIES


def test_limits_of_b_and_c_areas_are_read_and_fall_back_to_as() -> None:
    entry = entries_of(with_row(2, limit_value_b="3", limit_unit_b="工作日"))[0]
    condition = entry.conditions[0]
    assert condition.limit_in("B") == Limit(3, Clock.WORK_DAY)
    assert condition.limit_in("C") == condition.limit_in("A") == condition.limit


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": ""}, "“类别编码”不能为空"),
        ({"code": "X1"}, "“类别编码”以 C"),
        ({"limit_value": "0"}, "“时限”应是 1 到 365 的整数"),
        ({"limit_value": "２"}, "“时限”应是"),
        ({"limit_unit": "周"}, "“时限单位”只能是 紧急工作时、工作时、工作日、自然日"),
        ({"limit_value_b": "3"}, "“B类区域时限单位”只能是"),
        ({"safety_critical": "也许"}, "“涉及安全”只能是"),
        ({"condition_no": "1.5"}, "“条件序号”应是"),
        ({"name": "长" * 61}, "“小类”最多 60 个字"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_column(change: dict[str, str], fault: str) -> None:
    assert any(each.startswith(f"第 2 行：{fault}") for each in told(with_row(2, **change)))


def test_rows_of_one_class_must_agree_and_conditions_differ() -> None:
    assert told(with_row(3, name="另一个名字"))[0].startswith("第 3 行：类别")
    assert told(with_row(3, condition_no="1"))[0].endswith("的条件 1 重复")


def test_every_bad_row_is_named_in_the_order_of_the_file() -> None:
    rows = [(line, {**row, "limit_value": "x"} if line in (9, 4) else row) for line, row in ROWS]
    assert [each[:5] for each in told(rows)] == ["第 4 行", "第 9 行"]


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from([each.name for each in COLUMNS]), st.text(max_size=12)), max_size=4))
def test_any_cells_are_a_catalogue_or_row_errors(drawn: list[dict[str, str]]) -> None:
    base = ROWS[0][1]
    with suppress(Invalid):
        entries_of([(line, {**base, **row}) for line, row in enumerate(drawn, start=2)])


# --- calendars ---

SHIPPED = [(line, row) for line, row in enumerate(sheets.block_rows(sheets.blocks_of("3302", DAYS)).values(), start=2)]


def test_the_shipped_holidays_are_whole_years_without_gap_or_overlap() -> None:
    blocks = sheets.read_blocks(SHIPPED, AREAS)
    days = {day.day: day for block in blocks for day in block.days}
    assert days == {each.day: each for each in DAYS}
    assert all(each.provisional == (each.day.year == 2027) for each in days.values())


def bad_days(change: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        sheets.read_blocks(change, AREAS)
    faults: list[str] = refused.value.facts["rows"]
    return faults


def line_of(start: str) -> int:
    return next(line for line, row in SHIPPED if row["start"] == start)


def test_a_holiday_with_a_gap_is_refused_with_its_row() -> None:
    at = line_of("2026-10-01")
    row = SHIPPED[at - 2][1]
    split = [*SHIPPED, (99, {**row, "start": "2026-10-05"})]
    split[at - 2] = (at, {**row, "end": "2026-10-03"})
    assert bad_days(split) == [f"第 99 行：国庆节与第 {at} 行之间缺 2026-10-04，假期必须连续"]


def test_overlapping_days_are_refused_with_both_rows() -> None:
    at = line_of("2026-10-01")
    twice = [*SHIPPED, (99, {**SHIPPED[at - 2][1], "start": "2026-10-07", "end": "2026-10-08", "name": "加班"})]
    assert bad_days(twice)[0] == f"第 99 行：2026-10-07 与第 {at} 行重叠"


def test_a_year_without_one_of_its_festivals_and_a_missing_year_are_refused() -> None:
    without = [each for each in SHIPPED if each[1]["start"] != "2026-06-19"]
    assert "2026 年缺少 端午节" in bad_days(without)[0]
    assert bad_days([each for each in SHIPPED if not each[1]["start"].startswith("2025")]) == ["缺少 2025 年"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"start": "2026-13-01"}, "不是日期"),
        ({"end": "2020-01-01"}, "结束日期早于开始日期"),
        ({"start": "2026-12-31", "end": "2027-01-02"}, "一段不能跨年"),
        ({"kind": "上班"}, "“类型”只能是"),
        ({"name": ""}, "“名称”不能为空"),
        ({"area_code": "3301"}, "没有自己的工作日历"),
        ({"kind": "调休上班"}, "本来就是工作日"),
    ],
)
def test_a_bad_day_is_named(change: dict[str, str], fault: str) -> None:
    at = line_of("2026-10-01")
    rows = [(line, {**row, **change} if line == at else row) for line, row in SHIPPED]
    assert any(each.startswith(f"第 {at} 行") and fault in each for each in bad_days(rows))


HOURS = [
    {"area_code": "3302", "weekdays": "12345", "starts": "08:00", "ends": "12:00", "valid_from": "", "valid_to": ""}
]


def bad_hours(*rows: dict[str, str]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        sheets.read_hours([(line, {**HOURS[0], **row}) for line, row in enumerate(rows, start=2)], AREAS)
    faults: list[str] = refused.value.facts["rows"]
    return faults


def test_working_periods_with_overlap_gap_or_nonsense_are_refused_with_their_row() -> None:
    assert bad_hours({}, {"starts": "11:00", "ends": "13:00"}) == ["第 3 行：11:00–13:00 与第 2 行重叠"]
    gap = bad_hours({"valid_to": "2026-05-31"}, {"valid_from": "2026-07-01"})
    assert gap == ["第 3 行：2026-06-01 至 2026-06-30 没有任何工作时段"]
    assert bad_hours({"starts": "8点"})[0].startswith("第 2 行：“上班”不是时间")
    assert bad_hours({"weekdays": "17x"})[0].startswith("第 2 行：“星期”")
    assert "长期有效" in bad_hours({"valid_to": "2026-05-31"})[0]


def test_working_periods_come_back_as_they_went() -> None:
    hours = [
        WorkingHours(time(0), time(23, 59)),
        WorkingHours(time(9), time(17), date(2026, 7, 1), None, frozenset({5})),
    ]
    rows = [(line, row) for line, row in enumerate(sheets.hour_rows("3302", hours).values(), start=2)]
    assert sheets.read_hours(rows, AREAS) == {"3302": hours}
    assert WorkCalendar(hours).seconds_on(date(2026, 11, 24)) == 24 * 3600


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(list(HOURS[0])), st.text(max_size=8)), max_size=3))
def test_any_cells_are_hours_or_row_errors(drawn: list[dict[str, str]]) -> None:
    rows = [(line, {**HOURS[0], **row}) for line, row in enumerate(drawn, start=2)]
    for read in (lambda: sheets.read_hours(rows, AREAS), lambda: sheets.read_blocks(_as_days(drawn), AREAS)):
        with suppress(Invalid):
            read()


def _as_days(drawn: list[dict[str, str]]) -> list[tuple[int, dict[str, str]]]:
    names = ("start", "end", "kind", "name", "provisional")
    values = [dict(zip(names, row.values(), strict=False)) for row in drawn]
    return [(line, {**SHIPPED[0][1], **row}) for line, row in enumerate(values, start=2)]


def test_blocks_hold_only_neighbours_of_one_kind() -> None:
    blocks = sheets.blocks_of("3302", DAYS)
    assert sum((block.end - block.start).days + 1 for block in blocks) == len(DAYS)
    assert {block.kind for block in blocks} == set(DayKind)
