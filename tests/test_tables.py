"""Tables from strangers' files: whatever is in them, they are read or refused in words, and nothing in them runs."""

import io
import zipfile
from contextlib import suppress
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from app import tables
from app.errors import DomainError, Invalid, TooLarge, UnsupportedMedia
from app.tables import Column, compare, read_table, write_csv, write_workbook

COLUMNS = (Column("code", "编码"), Column("name", "名称"), Column("note", "说明", required=False))
# What a person can type into a cell: no control characters, no blanks around it.
cells = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)
rows_drawn = st.lists(st.tuples(cells.filter(bool), cells, cells), max_size=8)


def named(rows: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [dict(zip(("code", "name", "note"), row, strict=True)) for row in rows]


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@settings(deadline=None)
@given(rows_drawn)
def test_what_is_written_comes_back_from_csv_and_workbook(rows: list[tuple[str, str, str]]) -> None:
    wanted = named(rows)
    for data in (write_csv(wanted, COLUMNS), write_workbook(wanted, COLUMNS, "表")):
        assert [row for _, row in read_table(data, COLUMNS)] == wanted


@pytest.mark.parametrize("evil", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://x")'])
def test_no_exported_cell_is_a_formula(evil: str) -> None:
    rows = named([("1", evil, "")])
    assert f"'{evil}"[:4] in write_csv(rows, COLUMNS).decode()
    sheet = load_workbook(io.BytesIO(write_workbook(rows, COLUMNS, "表"))).active
    assert sheet is not None
    assert (sheet["B2"].data_type, sheet["B2"].value) == ("s", f"'{evil}")


def test_headings_in_either_language_in_any_order_and_gbk_are_read() -> None:
    data = "名称,无关,code\r\n井盖,x,C01\r\n,,\r\n".encode("gbk")
    assert read_table(data, COLUMNS) == [(2, {"code": "C01", "name": "井盖", "note": ""})]


def test_cells_of_a_workbook_are_read_as_a_person_would_type_them() -> None:
    data = workbook([["编码", "名称", "说明"], [2.0, date(2026, 10, 1), time(8, 30)]])
    assert read_table(data, COLUMNS)[0][1] == {"code": "2", "name": "2026-10-01", "note": "08:30"}


def test_a_missing_column_and_a_broken_quote_are_named() -> None:
    with pytest.raises(Invalid) as missing:
        read_table("编码\n1\n".encode(), COLUMNS)
    assert missing.value.facts["rows"] == ["第 1 行：缺少列 名称"]
    with pytest.raises(Invalid, match="第 2 行"):
        read_table('编码,名称\n1,"x\n'.encode(), COLUMNS)


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Invalid),
        (b"x" * (tables.MOST_BYTES + 1), TooLarge),
        (b"\xd0\xcf\x11\xe0 old", UnsupportedMedia),
        (b"\x89PNG\x00\x01\xff", UnsupportedMedia),
        (packed({"a.txt": b"no book"}), UnsupportedMedia),
        (packed({"xl/workbook.xml": b"0" * (tables.MOST_UNPACKED + 1)}), TooLarge),
        (packed({f"{n}.xml": b"" for n in range(tables.MOST_PARTS + 1)}), TooLarge),
        (packed({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), UnsupportedMedia),
        (("编码,名称\n" + "1,2\n" * (tables.MOST_ROWS + 1)).encode(), TooLarge),
        (("编码,名称\n1," + "长" * 3000).encode(), Invalid),
        (("," * 70 + "\n").encode(), TooLarge),
    ],
)
def test_what_is_no_table_or_too_much_is_refused(data: bytes, error: type[DomainError]) -> None:
    with pytest.raises(error):
        read_table(data, COLUMNS)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", "编码,名称\n".encode()):
        with suppress(DomainError):
            read_table(start + data, COLUMNS)


GOOD = workbook([["编码", "名称"], ["1", "井盖"]])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    """Also damaged inside its parts, where the checksums are right again."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book:
        parts = {each: book.read(each) for each in book.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[name])))
    junk = data.draw(st.sampled_from([b"", b"<", b"\x00", b"999999999", b"<c r='ZZZZ9'/>", b"&x;"]))
    parts[name] = parts[name][:at] + junk + parts[name][at + data.draw(st.integers(0, 40)) :]
    with suppress(DomainError):
        read_table(packed(parts), COLUMNS)


@settings(deadline=None)
@given(rows_drawn, rows_drawn)
def test_a_comparison_names_exactly_the_rows_that_differ(old: list[tuple[str, str, str]], new: list[Any]) -> None:
    before = {row["code"]: row for row in named(old)}
    after = {row["code"]: row for row in named(new)}
    found = {each.key: each.kind for each in compare(before, after, COLUMNS).rows}
    for key in before.keys() | after.keys():
        if key not in before:
            assert found.pop(key) == "added"
        elif key not in after:
            assert found.pop(key) == "removed"
        elif before[key] != after[key]:
            assert found.pop(key) == "changed"
    assert not found
