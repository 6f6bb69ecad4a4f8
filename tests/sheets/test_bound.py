"""Workbooks of several sheets: texts come back as they were, by two readers, and LibreOffice."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from feewatch.sheets.bound import BoundSheet, bind_sheets

DAY = dt.date(2026, 7, 31)
CELLS = [
    "机构", "=1+1", "+1", "@x", "<b>&amp;", " 前后有空格 ", "两\n行", "a\tb",
    "012345678901234567", "", "“引号”'\"",
]  # fmt: skip


def book_of(*rows, title="名单"):
    return bind_sheets([BoundSheet(title, ["甲 / a", "乙"], rows)], DAY)


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_comes_back_as_it_was_and_is_no_formula(cell):
    content = book_of([cell, "尾"])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert (sheet["A2"].value or "") == cell
    assert (sheet["A2"].data_type, sheet["B2"].value) in (
        ("s", "尾"),
        ("n", "尾"),
        ("inlineStr", "尾"),
    )
    ((_, _), (first, last)) = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    assert (first, last) == (cell, "尾")


def test_sheets_keep_their_order_and_names_and_heads_are_marked():
    content = bind_sheets(
        [BoundSheet("说明 & 其他", ["项"], [["值"]]), BoundSheet("长" * 40, ["项"], [])], DAY
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["说明 & 其他", "长" * 31]
    first = book.worksheets[0]
    assert (first["A1"].font.bold, first["A2"].font.bold, first.freeze_panes) == (True, False, "A2")
    assert first["A2"].quotePrefix
    assert first["A2"].number_format == "@"
    assert book.properties.created == dt.datetime(2026, 7, 31)


def test_equal_content_gives_equal_bytes():
    assert book_of(["甲", "乙"]) == book_of(["甲", "乙"])


def test_what_xml_cannot_hold_is_replaced():
    sheet = openpyxl.load_workbook(io.BytesIO(book_of(["a\x01\ufffeb", "c"]))).active
    assert sheet["A2"].value == "a\ufffd\ufffdb"


def test_what_a_workbook_would_read_as_an_escape_is_escaped_itself():
    with zipfile.ZipFile(io.BytesIO(book_of(["_x000D_", "a\rb"]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b">_x005F_x000D_<" in sheet
    assert b">a_x000D_b<" in sheet
