"""Articles as a table. Pure but for the names of classes and units, which the caller brings."""

from collections.abc import Collection, Mapping
from datetime import date

from app.errors import Invalid
from app.knowledge.models import Article
from app.knowledge.service import Content
from app.tables import BadRow, Column, Row, parse_rows, read_day, refuse

COLUMNS = (
    Column("code", "编号"),
    Column("title", "标题"),
    Column("body", "正文"),
    Column("keywords", "关键词", required=False),
    Column("class_codes", "类别代码", required=False),
    Column("valid_from", "生效日期", required=False),
    Column("valid_until", "失效日期", required=False),
    Column("unit", "责任单位", required=False),
    Column("active", "启用", required=False),
)
LONGEST = {"code": 20, "title": 100, "body": 2000, "keywords": 200}
_YES = ("", "是", "启用", "1", "true")
_NO = ("否", "停用", "0", "false")


def read(lines: list[tuple[int, Row]], classes: Collection[str], units: Mapping[str, int]) -> list[Content]:
    """Raises Invalid with every bad row, numbers given twice included."""
    faults: list[BadRow] = []
    parsed = parse_rows(lines, lambda row: content_of(row, classes, units), faults)
    seen: dict[str, int] = {}
    for line, content in parsed:
        if content.code in seen:
            faults.append(BadRow(line, f"编号 {content.code} 与第 {seen[content.code]} 行重复"))
        seen.setdefault(content.code, line)
    refuse(faults)
    return [content for _, content in parsed]


def row_of(article: Article, unit_names: Mapping[int, str]) -> Row:
    return {
        "code": article.code,
        "title": article.title,
        "body": article.body,
        "keywords": article.keywords,
        "class_codes": " ".join(article.class_codes),
        "valid_from": _said(article.valid_from),
        "valid_until": _said(article.valid_until),
        "unit": unit_names.get(article.unit_id or 0, ""),
        "active": "是" if article.is_active else "否",
    }


def content_row(content: Content, unit_names: Mapping[int, str]) -> Row:
    return {
        "code": content.code,
        "title": content.title,
        "body": content.body,
        "keywords": content.keywords,
        "class_codes": " ".join(content.class_codes),
        "valid_from": _said(content.valid_from),
        "valid_until": _said(content.valid_until),
        "unit": unit_names.get(content.unit_id or 0, ""),
        "active": "是" if content.is_active else "否",
    }


def content_of(row: Row, classes: Collection[str], units: Mapping[str, int]) -> Content:
    """Raises Invalid with `fields` for a form, whose message names them for a table."""
    faults = {name: f"超过 {most} 字" for name, most in LONGEST.items() if len(row.get(name, "")) > most}
    codes = tuple(row.get("class_codes", "").replace("，", " ").replace(",", " ").upper().split())
    if unknown := [code for code in codes if code not in classes]:
        faults["class_codes"] = f"没有类别 {'、'.join(unknown)}"
    unit = row.get("unit", "").strip()
    if unit and unit not in units:
        faults["unit"] = f"没有单位 {unit}"
    for name in ("code", "title", "body"):
        if not row.get(name, "").strip():
            faults[name] = "不能为空"
    begins, ends = (_day(row, name, faults) for name in ("valid_from", "valid_until"))
    active = row.get("active", "").strip()
    if active not in (*_YES, *_NO):
        faults["active"] = "只能是 是 或 否"
    if faults:
        said = "；".join(f"{_heading(name)}{fault}" for name, fault in faults.items())
        raise Invalid(said, fields=faults)
    return Content(
        code=row["code"].strip(),
        title=row["title"].strip(),
        body=row["body"].strip().replace("\r\n", "\n"),
        keywords=row.get("keywords", "").strip(),
        class_codes=codes,
        valid_from=begins,
        valid_until=ends,
        unit_id=units.get(unit),
        is_active=active in _YES,
    )


def _heading(name: str) -> str:
    return next((column.heading for column in COLUMNS if column.name == name), name)


def _day(row: Row, name: str, faults: dict[str, str]) -> date | None:
    text = row.get(name, "").strip()
    try:
        return read_day(text, _heading(name)) if text else None
    except ValueError:
        faults[name] = "不是日期，写作 2026-01-31"
        return None


def _said(day: date | None) -> str:
    return day.isoformat() if day else ""
