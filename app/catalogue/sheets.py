"""The catalogue as one table: a row for each filing condition, its class repeated in front. Pure.

The same shape leaves and comes back, as CSV or XLSX; limits of B and C areas are empty where they are A's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from app.catalogue.clocks import Clock, Limit
from app.catalogue.entries import Catalogue, Certainty, ClassEntry, ClassUrgency, Condition, Frequency, Kind
from app.tables import BadRow, Column, Row, parse_rows, refuse

E = TypeVar("E", bound=StrEnum)

CLASS_COLUMNS = (
    Column("code", "类别编码"),
    Column("kind", "部件/事件"),
    Column("major_code", "大类编码"),
    Column("major_name", "大类"),
    Column("display_major", "显示大类"),
    Column("minor_code", "小类编码"),
    Column("name", "小类"),
    Column("name_en", "英文名", required=False),
    Column("national_code", "国标编码", required=False),
    Column("primary_unit_type", "责任单位类型"),
    Column("secondary_unit_type", "协同单位类型", required=False),
    Column("urgency", "紧急程度"),
    Column("safety_critical", "涉及安全"),
    Column("frequency", "来电频度"),
    Column("standard", "依据", required=False),
    Column("certainty", "类别依据性质"),
)
CONDITION_COLUMNS = (
    Column("condition_no", "条件序号"),
    Column("text", "立案条件"),
    Column("limit_value", "时限"),
    Column("limit_unit", "时限单位"),
    Column("limit_value_b", "B类区域时限", required=False),
    Column("limit_unit_b", "B类区域时限单位", required=False),
    Column("limit_value_c", "C类区域时限", required=False),
    Column("limit_unit_c", "C类区域时限单位", required=False),
    Column("closing", "结案条件"),
    Column("limit_certainty", "时限依据性质"),
)
COLUMNS = CLASS_COLUMNS + CONDITION_COLUMNS
_LONGEST = {
    "code": 8,
    "major_code": 2,
    "major_name": 40,
    "display_major": 40,
    "minor_code": 2,
    "name": 60,
    "name_en": 80,
    "national_code": 8,
    "primary_unit_type": 40,
    "secondary_unit_type": 40,
    "standard": 40,
    "text": 200,
    "closing": 200,
}
_LONGEST_LIMIT = 365
# Words beside members: a file may use either.
_WORDS: dict[str, StrEnum] = {
    "部件": Kind.COMPONENT,
    "事件": Kind.EVENT,
    "紧急工作时": Clock.URGENT_HOUR,
    "工作时": Clock.WORK_HOUR,
    "工作日": Clock.WORK_DAY,
    "自然日": Clock.NATURAL_DAY,
    "标准": Certainty.SEEN,
    "推导": Certainty.DERIVED,
    "判断": Certainty.JUDGED,
    "一般": ClassUrgency.NORMAL,
    "当日": ClassUrgency.SAME_DAY,
    "紧急": ClassUrgency.URGENT,
    "长期": ClassUrgency.LONG,
    "高": Frequency.HIGH,
    "中": Frequency.MEDIUM,
    "低": Frequency.LOW,
}
_SAID = {member: word for word, member in _WORDS.items()}


def rows_of(catalogue: Iterable[ClassEntry]) -> dict[str, Row]:
    """Rows by "code condition_no", in the order of the catalogue."""
    return {
        f"{entry.code} {each.no}": {**_class_row(entry), **_condition_row(each)}
        for entry in catalogue
        for each in entry.conditions
    }


def entries_of(rows: Sequence[tuple[int, Row]]) -> list[ClassEntry]:
    """Raises Invalid with every bad row; one is enough to refuse the whole table."""
    faults: list[BadRow] = []
    parsed = parse_rows(rows, _parse, faults)
    classes: dict[str, ClassEntry] = {}
    for line, (entry, condition) in parsed:
        known = classes.setdefault(entry.code, entry)
        if replace(known, conditions=()) != entry:
            faults.append(BadRow(line, f"类别 {entry.code} 的内容与它前面的行不一致"))
        elif any(each.no == condition.no for each in known.conditions):
            faults.append(BadRow(line, f"{entry.code} 的条件 {condition.no} 重复"))
        else:
            classes[entry.code] = replace(known, conditions=(*known.conditions, condition))
    if not parsed and not faults:
        faults.append(BadRow(0, "表中没有任何类别"))
    refuse(faults)
    return [_ordered(entry) for entry in classes.values()]


def export_rows(catalogue: Catalogue) -> list[Row]:
    return list(rows_of(catalogue).values())


def _class_row(entry: ClassEntry) -> Row:
    plain = {each.name: str(getattr(entry, each.name)) for each in CLASS_COLUMNS}
    said = {name: _SAID[getattr(entry, name)] for name in ("kind", "urgency", "frequency", "certainty")}
    return {**plain, **said, "safety_critical": "是" if entry.safety_critical else "否"}


def _condition_row(condition: Condition) -> Row:
    row = {
        "condition_no": str(condition.no),
        "text": condition.text,
        "closing": condition.closing,
        "limit_certainty": _SAID[condition.certainty],
    }
    for suffix, limit in (("", condition.limit), ("_b", condition.limit_b), ("_c", condition.limit_c)):
        row[f"limit_value{suffix}"] = str(limit.value) if limit else ""
        row[f"limit_unit{suffix}"] = limit.clock.label if limit else ""
    return row


def _parse(row: Row) -> tuple[ClassEntry, Condition]:
    """A class without its conditions, and the condition of this row."""
    for column in COLUMNS:
        value = row[column.name]
        if column.required and not value:
            raise ValueError(f"“{column.heading}”不能为空")
        if len(value) > _LONGEST.get(column.name, 40):
            raise ValueError(f"“{column.heading}”最多 {_LONGEST.get(column.name, 40)} 个字")
    kind = _member(Kind, row, "kind")
    if not _fits(row["code"], kind):
        raise ValueError("“类别编码”以 C（部件）或 E（事件）开头，后面是数字")
    if row["safety_critical"] not in _YES | _NO:
        raise ValueError("“涉及安全”只能是 是 或 否")
    words = {name: row[name] for name in _LONGEST if name not in ("text", "closing")}
    entry = ClassEntry(
        **words,
        kind=kind,
        urgency=_member(ClassUrgency, row, "urgency"),
        safety_critical=row["safety_critical"] in _YES,
        frequency=_member(Frequency, row, "frequency"),
        certainty=_member(Certainty, row, "certainty"),
        conditions=(),
    )
    return entry, _parse_condition(row)


def _parse_condition(row: Row) -> Condition:
    limit = _limit(row, "")
    if limit is None:
        raise ValueError("“时限”不能为空")
    return Condition(
        no=_number(row["condition_no"], "条件序号", 99),
        text=row["text"],
        limit=limit,
        closing=row["closing"],
        certainty=_member(Certainty, row, "limit_certainty"),
        limit_b=_limit(row, "_b"),
        limit_c=_limit(row, "_c"),
    )


_YES = {"1", "是", "yes", "true", "True"}
_NO = {"0", "否", "no", "false", "False"}


def _fits(code: str, kind: Kind) -> bool:
    digits = code[1:]
    return code[:1] == ("C" if kind is Kind.COMPONENT else "E") and len(code) >= 4 and _is_number(digits)


def _limit(row: Row, suffix: str) -> Limit | None:
    value, unit = row[f"limit_value{suffix}"], row[f"limit_unit{suffix}"]
    if not value and not unit:
        return None
    return Limit(_number(value, "时限", _LONGEST_LIMIT), _member(Clock, row, f"limit_unit{suffix}"))


def _number(text: str, heading: str, most: int) -> int:
    if not _is_number(text) or len(text) > 6 or not 1 <= int(text) <= most:
        raise ValueError(f"“{heading}”应是 1 到 {most} 的整数，而不是“{text[:20]}”")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _member(kind: type[E], row: Row, name: str) -> E:
    text = row[name]
    found = _WORDS.get(text)
    if isinstance(found, kind):
        return found
    if text in set(kind):
        return kind(text)
    heading = next(each.heading for each in COLUMNS if each.name == name)
    allowed = "、".join(_SAID[each] for each in kind)
    raise ValueError(f"“{heading}”只能是 {allowed}，而不是“{text[:20]}”")


def _ordered(entry: ClassEntry) -> ClassEntry:
    return replace(entry, conditions=tuple(sorted(entry.conditions, key=lambda each: each.no)))
