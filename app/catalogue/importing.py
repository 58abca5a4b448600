"""Read a catalogue and a holiday list from CSV. A bad row stops the whole import; every bad row is named."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from app.catalogue.calendars import DayKind, Special
from app.catalogue.clocks import Clock, Limit
from app.catalogue.entries import Certainty, ClassEntry, ClassUrgency, Condition, Frequency, Kind
from app.errors import Invalid

T = TypeVar("T")
Row = dict[str, str]

SHIPPED_HOLIDAYS = Path(__file__).parent / "data" / "holidays.csv"
_MOST_REPORTED = 50


@dataclass(frozen=True)
class BadRow:
    """`line` counts from 1 with the header, as a spreadsheet shows it."""

    file: str
    line: int
    fault: str

    @property
    def text(self) -> str:
        return f"{self.file} 第 {self.line} 行：{self.fault}"


def read_catalogue(classes_csv: Path, conditions_csv: Path) -> list[ClassEntry]:
    """Raises Invalid with `rows`, one sentence for each fault."""
    faults: list[BadRow] = []
    conditions: dict[str, list[Condition]] = defaultdict(list)
    for code, condition in _read(conditions_csv, _condition, faults):
        conditions[code].append(condition)
    entries = _read(classes_csv, lambda row: _entry(row, conditions), faults)
    faults += _contradictions(entries, conditions, classes_csv.name, conditions_csv.name)
    _refuse(faults)
    return entries


def read_special_days(path: Path) -> list[Special]:
    """Raises Invalid for unreadable rows and for a day named twice."""
    faults: list[BadRow] = []
    days = _read(path, _special, faults)
    seen: set[date] = set()
    for line, each in enumerate(days, start=2):
        if each.day in seen:
            faults.append(BadRow(path.name, line, f"{each.day} 重复"))
        if each.kind is DayKind.MAKE_UP and each.day.weekday() < 5:
            faults.append(BadRow(path.name, line, f"{each.day} 本来就是工作日，不能是调休上班日"))
        seen.add(each.day)
    _refuse(faults)
    return days


def _read(path: Path, parse: Callable[[Row], T], faults: list[BadRow]) -> list[T]:
    parsed = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            try:
                parsed.append(parse(row))
            except KeyError as error:
                faults.append(BadRow(path.name, line, f"缺少列 {error.args[0]}"))
            except ValueError as error:
                faults.append(BadRow(path.name, line, str(error)))
    return parsed


def _condition(row: Row) -> tuple[str, Condition]:
    condition = Condition(
        no=int(_filled(row, "condition_no")),
        text=_filled(row, "filing_condition"),
        limit=Limit(int(_filled(row, "limit_value")), Clock(row["limit_unit"])),
        closing=_filled(row, "closing_condition"),
        certainty=Certainty(row["limit_certainty"]),
    )
    return _filled(row, "code"), condition


def _entry(row: Row, conditions: dict[str, list[Condition]]) -> ClassEntry:
    code = _filled(row, "code")
    if row["safety_critical"] not in ("0", "1"):
        raise ValueError("safety_critical 只能是 0 或 1")
    return ClassEntry(
        code=code,
        kind=Kind(row["kind"]),
        major_code=_filled(row, "major_code"),
        major_name=_filled(row, "major_name"),
        display_major=_filled(row, "display_major"),
        minor_code=_filled(row, "minor_code"),
        name=_filled(row, "name"),
        name_en=row["name_en"],
        national_code=row["gb30428_2_code"],
        primary_unit_type=_filled(row, "primary_unit_type"),
        secondary_unit_type=row["secondary_unit_type"],
        urgency=ClassUrgency(row["urgency"]),
        safety_critical=row["safety_critical"] == "1",
        frequency=Frequency(row["call_frequency"]),
        standard=row["standard"],
        certainty=Certainty(row["limit_certainty"]),
        conditions=tuple(sorted(conditions[code], key=lambda each: each.no)),
    )


def _special(row: Row) -> Special:
    provisional = row["provisional"] == "1"
    return Special(date.fromisoformat(row["date"]), DayKind(row["kind"]), _filled(row, "name"), provisional)


def _filled(row: Row, column: str) -> str:
    value = (row[column] or "").strip()
    if not value:
        raise ValueError(f"{column} 不能为空")
    return value


def _contradictions(
    entries: list[ClassEntry], conditions: dict[str, list[Condition]], classes: str, filings: str
) -> list[BadRow]:
    faults = [BadRow(classes, 0, f"类别 {code} 重复") for code in _repeated(each.code for each in entries)]
    known = {each.code for each in entries}
    faults += [BadRow(filings, 0, f"类别 {code} 不存在") for code in conditions if code not in known]
    for each in entries:
        if not each.conditions:
            faults.append(BadRow(filings, 0, f"类别 {each.code} 没有立案条件"))
        faults += [
            BadRow(filings, 0, f"{each.code} 的条件 {no} 重复") for no in _repeated(c.no for c in each.conditions)
        ]
    return faults


def _repeated(values: Iterable[T]) -> list[T]:
    seen: set[T] = set()
    twice = []
    for value in values:
        if value in seen:
            twice.append(value)
        seen.add(value)
    return twice


def _refuse(faults: list[BadRow]) -> None:
    if faults:
        shown = [each.text for each in faults[:_MOST_REPORTED]]
        raise Invalid(f"导入被拒绝：{len(faults)} 处有误，未写入任何数据。首处：{shown[0]}", rows=shown)
