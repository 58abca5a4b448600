"""Tables that administrators keep in spreadsheets: read from CSV and XLSX, written back in the same shape, compared.

An upload is a stranger's file: its type is found out, not believed, its size is bounded before it is unpacked, and
nothing in it is ever a formula for us. What is written can be opened in a spreadsheet without any cell being run.
"""

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from app.errors import Invalid, TooLarge, UnsupportedMedia

T = TypeVar("T")
Row = dict[str, str]

MOST_BYTES = 4_000_000
MOST_UNPACKED = 60_000_000
MOST_PARTS = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
MOST_REPORTED = 50
# What a broken or hostile workbook makes the library raise; the fuzz test of this module found them.
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    OSError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Column:
    """`heading` is what people see; a file may use either."""

    name: str
    heading: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class BadRow:
    """`line` counts from 1 with the header, as a spreadsheet shows it; 0 is the file as a whole."""

    line: int
    fault: str

    @property
    def text(self) -> str:
        return f"第 {self.line} 行：{self.fault}" if self.line else self.fault


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is added, changed or removed; `cells` are (heading, before, after)."""

    kind: str
    key: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    rows: tuple[Difference, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.rows)

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.rows)


def read_table(data: bytes, columns: Sequence[Column]) -> list[tuple[int, Row]]:
    """(line, {column: text}) of every row that is not empty.

    Raises TooLarge, UnsupportedMedia, or Invalid with `rows` when the file is no table or lacks a column.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"文件超过 {MOST_BYTES // 1_000_000} MB")
    if not data.strip():
        raise Invalid("文件是空的", rows=["文件是空的"])
    if data.startswith(_OLD_EXCEL):
        raise UnsupportedMedia("这是旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV 后再导入")
    lines = _read_workbook(data) if data.startswith(_ZIP) else _read_csv(data)
    return list(_named(lines, columns))


def parse_rows(rows: Iterable[tuple[int, Row]], parse: Callable[[Row], T], faults: list[BadRow]) -> list[tuple[int, T]]:
    """Each row through `parse`; what it refuses becomes a fault with its line."""
    parsed = []
    for line, row in rows:
        try:
            parsed.append((line, parse(row)))
        except Invalid as error:
            faults.append(BadRow(line, error.message))
        except ValueError as error:
            faults.append(BadRow(line, str(error)))
    return parsed


def read_day(text: str, heading: str) -> date:
    """2026-10-01, 2026/10/1 and 2026年10月1日 are what people type. Raises ValueError in words."""
    parts = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").split("-")
    try:
        return date(*(int(part) for part in parts if part.isascii()))
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"“{heading}”不是日期：{text[:20] or '（空）'}，写作 2026-01-31") from None


def read_time(text: str, heading: str) -> time:
    """8:00, 08:00 and, as spreadsheets have it, 08:00:00. Raises ValueError in words."""
    try:
        hour, minute = text.split(":")[:2]
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"“{heading}”不是时间：{text[:20] or '（空）'}，写作 08:00") from None


def refuse(faults: Sequence[BadRow]) -> None:
    if faults:
        ordered = sorted(faults, key=lambda each: each.line)
        shown = [each.text for each in ordered[:MOST_REPORTED]]
        raise Invalid(f"导入被拒绝：{len(faults)} 处有误，未写入任何数据", rows=shown, total=len(faults))


def compare(before: Mapping[str, Row], after: Mapping[str, Row], columns: Sequence[Column]) -> Comparison:
    """Row by row and cell by cell, in the order of the new table; removed rows last."""

    def cells(old: Row, new: Row) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (each.heading, old.get(each.name, ""), new.get(each.name, ""))
            for each in columns
            if old.get(each.name, "") != new.get(each.name, "")
        )

    found = []
    for key, row in after.items():
        if (changed := cells(before.get(key, {}), row)) or key not in before:
            found.append(Difference("changed" if key in before else "added", key, changed))
    found += [Difference("removed", key, cells(row, {})) for key, row in before.items() if key not in after]
    return Comparison(tuple(found))


def write_csv(rows: Iterable[Row], columns: Sequence[Column]) -> bytes:
    """UTF-8 with a mark, which makes Excel read Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([each.heading for each in columns])
    writer.writerows([_safe(row.get(each.name, "")) for each in columns] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def write_workbook(rows: Iterable[Row], columns: Sequence[Column], title: str) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, each.heading) for each in columns])
    for row in rows:
        sheet.append([_cell(sheet, _safe(row.get(each.name, ""))) for each in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # a text that looks like a formula or a number stays a text
    return cell


def _safe(text: str) -> str:
    """An apostrophe in front makes a spreadsheet show what it would else run; reading takes it off again."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if _would_run(text) else text


def _plain(text: str) -> str:
    text = text.strip()
    return text[1:] if text.startswith("'") and _would_run(text) else text


def _would_run(text: str) -> bool:
    # Texts with apostrophes of their own get one more, so that reading takes off exactly what writing put on.
    return text.lstrip("'").startswith(_FORMULA)


def _named(lines: Iterable[tuple[int, Sequence[str]]], columns: Sequence[Column]) -> Iterator[tuple[int, Row]]:
    iterator = iter(lines)
    header = [cell.strip() for cell in next(iterator, (0, ()))[1]]
    places = {each.name: _place(header, each) for each in columns}
    missing = [each.heading for each in columns if each.required and places[each.name] is None]
    if missing:
        raise Invalid(f"文件缺少列：{'、'.join(missing)}", rows=[f"第 1 行：缺少列 {each}" for each in missing])
    for line, cells in iterator:
        row = {name: _plain(cells[at]) if at is not None and at < len(cells) else "" for name, at in places.items()}
        if any(row.values()):
            yield line, row


def _place(header: list[str], column: Column) -> int | None:
    return next((at for at, cell in enumerate(header) if cell in (column.name, column.heading)), None)


def _read_csv(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(_decoded(data), newline=""), strict=True)
    count = 0
    try:
        for cells in reader:
            count += 1
            yield reader.line_num if count > 1 else 1, _bounded(count, reader.line_num, cells)
    except csv.Error as error:
        told = f"第 {reader.line_num} 行：引号或分隔符不正确（{error}）"
        raise Invalid(f"无法读取 CSV 文件，{told}", rows=[told]) from None


def _decoded(data: bytes) -> str:
    # Excel in China saves CSV as GBK.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise UnsupportedMedia("不是 CSV 或 XLSX 文件")


def _read_workbook(data: bytes) -> list[tuple[int, Sequence[str]]]:
    _check_parts(data)
    try:
        return list(_workbook_lines(data))
    except _BROKEN:
        raise UnsupportedMedia("无法读取这个 XLSX 文件，可能已损坏") from None


def _workbook_lines(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    with warnings.catch_warnings():
        # The library grumbles about styles and extensions that say nothing about the cells.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # Sizes that the file claims of itself may be lies: rows and columns are cut by ours.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True)
        for line, cells in enumerate(rows, start=1):
            yield line, _bounded(line, line, _trimmed([_text(value) for value in cells]))


def _check_parts(data: bytes) -> None:
    """Before anything is unpacked: a zip bomb is refused by what its table of contents says, or ends as a CRC error."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = book.infolist()
            if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
                raise TooLarge("XLSX 文件解压后过大")
            names = {each.filename for each in parts}
            if "xl/workbook.xml" not in names:
                raise UnsupportedMedia("这个压缩文件不是 XLSX 工作簿")
            for each in parts:
                if each.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in book.read(each):
                    raise UnsupportedMedia("XLSX 文件含有不允许的内容")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise UnsupportedMedia("无法读取这个 XLSX 文件，可能已损坏") from None


def _bounded(count: int, line: int, cells: Sequence[str]) -> Sequence[str]:
    if count > MOST_ROWS + 1:
        raise TooLarge(f"表格超过 {MOST_ROWS} 行")
    if len(cells) > MOST_COLUMNS:
        raise TooLarge(f"表格超过 {MOST_COLUMNS} 列")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise Invalid(f"第 {line} 行有超过 {LONGEST_CELL} 字的单元格", rows=[f"第 {line} 行：单元格过长"])
    return cells


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: object) -> str:
    """A cell as a person would have typed it: 2 not 2.0, 2026-10-01 not a timestamp."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
