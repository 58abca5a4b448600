"""Routing rules as a table. A rule keeps its number; an empty number is a new rule, a missing row is switched off."""

from collections.abc import Collection, Iterable, Sequence

from app.errors import Invalid
from app.network.models import RoutingRule
from app.network.queries import when_of
from app.network.routing import ANYTHING, SubjectKind
from app.network.rule_changes import RuleFields, check_rule
from app.network.whens import ALWAYS, When
from app.tables import BadRow, Column, Row, read_day, read_time, refuse
from telephony.numbers import mask

COLUMNS = (
    Column("id", "编号", required=False),
    Column("position", "序号"),
    Column("area_code", "区域编码", required=False),
    Column("subject_kind", "针对"),
    Column("subject", "对象"),
    Column("unit", "主办单位"),
    Column("co_units", "协办单位", required=False),
    Column("crew", "班组", required=False),
    Column("duty_phone", "值班电话", required=False),
    Column("condition_no", "立案条件", required=False),
    Column("time_from", "时段起", required=False),
    Column("time_to", "时段止", required=False),
    Column("weekdays", "星期", required=False),
    Column("season_from", "季节起", required=False),
    Column("season_to", "季节止", required=False),
    Column("most_load", "在办少于", required=False),
    Column("valid_from", "生效日期", required=False),
    Column("valid_to", "失效日期", required=False),
    Column("note", "说明", required=False),
    Column("state", "状态", required=False),
)
KINDS = {
    "小类": SubjectKind.CLASS,
    "大类": SubjectKind.MAJOR,
    "单位类型": SubjectKind.UNIT_TYPE,
    "全部": SubjectKind.ANY,
}
_SAID = {kind: word for word, kind in KINDS.items()}
_SPLIT = "、"
Wanted = tuple[int, RuleFields]


class RuleReader:
    """`units`: ids by code and by name; `subjects`: what a rule may look at."""

    def __init__(self, rules: Iterable[RoutingRule], units: dict[str, int], subjects: Collection[str]) -> None:
        self._rules = {each.id: each for each in rules}
        self._units, self._subjects = units, subjects

    def read(self, rows: Sequence[tuple[int, Row]]) -> list[Wanted]:
        """Raises Invalid with every bad row."""
        faults: list[BadRow] = []
        wanted: dict[int, RuleFields] = {}
        new: list[RuleFields] = []
        for line, row in rows:
            try:
                rule_id, fields = self._parse(row)
                if rule_id in wanted:
                    raise ValueError(f"编号 {rule_id} 重复")
                check_rule(fields)
            except (ValueError, Invalid) as error:
                faults.append(BadRow(line, str(error)))
                continue
            if rule_id:
                wanted[rule_id] = fields
            else:
                new.append(fields)
        if not rows:
            faults.append(BadRow(0, "表中没有任何规则"))
        refuse(faults)
        return [*wanted.items(), *((0, fields) for fields in new)]

    def _parse(self, row: Row) -> Wanted:
        rule_id = _number(row["id"], "编号") or 0
        if rule_id and rule_id not in self._rules:
            raise ValueError(f"没有编号为 {rule_id} 的规则；新规则请把编号留空")
        kind = KINDS.get(row["subject_kind"]) or _member(row["subject_kind"])
        subject = row["subject"] or (ANYTHING if kind is SubjectKind.ANY else "")
        if subject not in self._subjects:
            raise ValueError(f"“对象”{subject[:20] or '（空）'}不在目录中")
        position = _number(row["position"], "序号")
        if not position:
            raise ValueError("“序号”从 1 开始")
        if len(row["note"]) > 200:
            raise ValueError("“说明”最多 200 个字")
        old = self._rules.get(rule_id)
        return rule_id, RuleFields(
            subject_kind=kind,
            subject=subject,
            unit_id=self._unit(row["unit"]),
            area_code=row["area_code"],
            position=position,
            valid_from=read_day(row["valid_from"], "生效日期") if row["valid_from"] else None,
            valid_to=read_day(row["valid_to"], "失效日期") if row["valid_to"] else None,
            note=row["note"],
            is_active=_is_on(row["state"]),
            when=_when(row) or ALWAYS,
            co_unit_ids=tuple(self._unit(each) for each in row["co_units"].replace(",", _SPLIT).split(_SPLIT) if each),
            crew=row["crew"],
            duty_phone=_phone(row["duty_phone"], old.duty_phone if old else None),
        )

    def _unit(self, text: str) -> int:
        found = self._units.get(text.strip())
        if found is None:
            raise ValueError(f"没有单位“{text.strip()[:30]}”")
        return found


def rows_of(rules: Iterable[RoutingRule], codes: dict[int, str]) -> dict[str, Row]:
    """Rows by number; `codes` are the units'."""
    return {f"规则 {each.id}": _row(each, codes) for each in rules}


def rows_of_wanted(wanted: Iterable[Wanted], codes: dict[int, str]) -> dict[str, Row]:
    rows, new = {}, 0
    for rule_id, fields in wanted:
        new += not rule_id
        rows[f"规则 {rule_id}" if rule_id else f"新规则 {new}"] = _wanted_row(rule_id, fields, codes)
    return rows


def _row(rule: RoutingRule, codes: dict[int, str]) -> Row:
    fields = RuleFields(
        subject_kind=SubjectKind(rule.subject_kind),
        subject=rule.subject,
        unit_id=rule.unit_id,
        area_code=rule.area_code,
        position=rule.position,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        note=rule.note,
        is_active=rule.is_active,
        when=when_of(rule),
        co_unit_ids=tuple(rule.co_unit_ids),
        crew=rule.crew,
        duty_phone=rule.duty_phone or "",
    )
    return _wanted_row(rule.id, fields, codes)


def _wanted_row(rule_id: int, fields: RuleFields, codes: dict[int, str]) -> Row:
    when = fields.when
    return {
        "id": str(rule_id or ""),
        "position": str(fields.position or ""),
        "area_code": fields.area_code,
        "subject_kind": _SAID[fields.subject_kind],
        "subject": fields.subject,
        "unit": codes.get(fields.unit_id, ""),
        "co_units": _SPLIT.join(codes.get(each, "") for each in fields.co_unit_ids),
        "crew": fields.crew,
        "duty_phone": mask(fields.duty_phone) if fields.duty_phone else "",
        "condition_no": str(when.condition_no or ""),
        "time_from": f"{when.time_from:%H:%M}" if when.time_from else "",
        "time_to": f"{when.time_to:%H:%M}" if when.time_to else "",
        "weekdays": when.weekdays,
        "season_from": when.season_from,
        "season_to": when.season_to,
        "most_load": str(when.most_load or ""),
        "valid_from": fields.valid_from.isoformat() if fields.valid_from else "",
        "valid_to": fields.valid_to.isoformat() if fields.valid_to else "",
        "note": fields.note,
        "state": "启用" if fields.is_active else "停用",
    }


def _when(row: Row) -> When:
    return When(
        condition_no=_number(row["condition_no"], "立案条件"),
        time_from=read_time(row["time_from"], "时段起") if row["time_from"] else None,
        time_to=read_time(row["time_to"], "时段止") if row["time_to"] else None,
        weekdays="".join(sorted(row["weekdays"])),
        season_from=row["season_from"],
        season_to=row["season_to"],
        most_load=_number(row["most_load"], "在办少于"),
    )


def _member(text: str) -> SubjectKind:
    if text in set(SubjectKind):
        return SubjectKind(text)
    raise ValueError(f"“针对”只能是 {'、'.join(KINDS)}，而不是“{text[:20]}”")


def _number(text: str, heading: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise ValueError(f"“{heading}”应是整数，而不是“{text[:20]}”")
    return int(text)


def _is_on(text: str) -> bool:
    if text not in ("", "启用", "停用", "1", "0"):
        raise ValueError("“状态”只能是 启用 或 停用")
    return text not in ("停用", "0")


def _phone(text: str, known: str | None) -> str:
    """A number that is masked as it left us is the one we have."""
    return known if known and text == mask(known) else text
