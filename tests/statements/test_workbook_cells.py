"""What workbooks hide: shortened numbers, formulas, more sheets, false extents, false names."""

import datetime as dt
import io
import re
import struct
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from feewatch.statements.dialects import column_key
from feewatch.statements.workbook import open_sheets, remark


def book(*sheets):
    """A workbook of sheets given as lists of rows; None is a sheet without cells."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"表{number}")
        for row in rows or ():
            sheet.append(row)
    return saved(made)


def saved(made):
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def table(samples, *rows):
    """The rows of the generic table as cells: amounts are numbers, all else is text."""
    made = [samples.header.split(",")]
    for row in rows or samples.rows:
        cells = [cell or None for cell in row.split(",")]
        made.append([float(c) if i in (5, 6, 7) and c else c for i, c in enumerate(cells)])
    return made


def repacked(content, change):
    """The package with its parts changed: name and content -> content."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target.getvalue()


def cells_of(*values):
    (sheet,) = open_sheets(book([list(values)])).sheets
    return sheet.lines[0][1]


def test_numbers_keep_every_digit_that_the_file_holds():
    assert cells_of(2176.91, 800.0, -49.5, 0.1 + 0.7, 1e-05, 123456789012345, 0) == [
        "2176.91", "800", "-49.5", "0.7999999999999999", "0.00001", "123456789012345", "0",
    ]  # fmt: skip


def test_a_number_past_fifteen_digits_shows_that_it_lost_its_end():
    assert cells_of(10**15, 6222000011112222, 6.222000012345679e18) == [
        "1e+15", "6.22200001111222e+15", "6.22200001234568e+18",
    ]  # fmt: skip


def test_days_and_clocks_are_told_to_the_second():
    assert cells_of(
        dt.datetime(2026, 3, 2), dt.datetime(2026, 3, 2, 9, 30, 15), dt.time(8, 35, 33),
        dt.datetime(2026, 3, 2, 23, 59, 59, 600_000),
    ) == ["2026-03-02", "2026-03-02 09:30:15", "08:35:33", "2026-03-03"]  # fmt: skip


@pytest.mark.parametrize(("amount", "is_read"), [(0.8, True), (0.1 + 0.7, False)])
def test_an_amount_is_exact_or_refused_with_its_place(samples, reading, amount, is_read):
    rows = table(samples)
    rows[1][6], rows[1][7] = amount, None
    for row in rows[1:]:
        row[7] = None
    found = reading(book(rows))
    if is_read:
        assert found.statements[0].rows[0].amount_fen == 80
    else:
        assert [(each.line, each.column) for each in found.problems] == [(2, "贷方发生额")]


@pytest.mark.parametrize("column", ["账号", "对方账号"])
@pytest.mark.parametrize(("number", "is_read"), [(10**15 - 1, True), (10**15, False)])
def test_an_account_kept_as_a_number_is_refused_past_15_digits_with_its_place(
    samples, reading, column, number, is_read
):
    rows = table(samples)
    for row in rows[1:]:
        row[rows[0].index(column)] = number
    found = reading(book(rows))
    if is_read:
        assert found.statements
    else:
        assert [(each.line, each.column) for each in found.problems] == [
            (line, column) for line in (2, 3, 4, 5)
        ]


def test_a_first_sheet_without_cells_is_passed_over(samples, statement):
    assert statement(book(None, table(samples))).notes == []


def test_a_further_sheet_with_cells_is_said_to_be_unread(samples, statement, reading):
    assert [note.code for note in statement(book(table(samples), None)).notes] == []
    notes = statement(book(table(samples), [["更多"]])).notes
    assert [note.code for note in notes] == ["WORKBOOK-SHEETS"]
    assert "表2" in notes[0].message.zh
    found = reading(book([["封面"]], [["更多"]]))
    assert [each.code for each in found.problems] == ["FILE-LAYOUT", "WORKBOOK-SHEETS"]


def test_a_hidden_sheet_is_no_sheet_of_the_bank(samples, statement):
    made = openpyxl.load_workbook(io.BytesIO(book([["字典"]], table(samples))))
    made.worksheets[0].sheet_state = "hidden"
    made.active = 1
    assert [note.code for note in statement(saved(made)).notes] == ["WORKBOOK-HIDDEN"]


def test_a_workbook_without_cells_is_empty(refusal):
    assert refusal(book(None, None)) == ["FILE-EMPTY"]


@pytest.mark.parametrize("told", ["A1", "A1:B2", "A1:XFD1048576"])
def test_a_wrong_dimension_hides_no_row(samples, statement, told):
    def change(name, content):
        if not name.startswith("xl/worksheets/sheet"):
            return content
        changed = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{told}"'.encode(), content)
        assert changed != content
        return changed

    read = statement(repacked(book(table(samples)), change))
    assert (len(read.rows), read.closing_fen, read.faults) == (4, 200000, [])


def with_formula(content, cell):
    """The value of a cell computed, as Excel keeps it: formula and last value."""

    def change(name, part):
        if not name.startswith("xl/worksheets/sheet"):
            return part
        pattern = rf'(<c r="{cell}"[^>]*>)<v'.encode()
        changed = re.sub(pattern, rb"\1<f>SUM(A1:A2)</f><v", part)
        assert changed != part
        return changed

    return repacked(content, change)


def test_a_formula_among_the_money_is_noted_with_its_place(samples, statement):
    content = with_formula(with_formula(book(table(samples)), "H3"), "H5")
    read = statement(content)
    assert (read.closing_fen, read.faults) == (200000, [])
    assert [(note.code, note.line, note.column) for note in read.notes] == [
        ("WORKBOOK-FORMULA", 3, "余额")
    ]
    assert "2" in read.notes[0].message.zh


def test_a_formula_elsewhere_is_not_noted(samples, statement):
    rows = [*table(samples), ["合计", None, None, None, None, 50.5, 1050.5]]
    assert statement(with_formula(book(rows), "G6")).notes == []
    rows[1][11] = 7  # a reference
    assert statement(with_formula(book(rows), "L2")).notes == []


SPREADSHEET_ML = """\
<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>
"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<html><body><table><tr><td>账号</td></tr></table></body></html>", "FILE-HTML"),
        ("\ufeff<!DOCTYPE html>\n<html><head/></html>", "FILE-HTML"),
        ('<META http-equiv="Content-Type"><TABLE></TABLE>', "FILE-HTML"),
        (SPREADSHEET_ML, "FILE-SPREADSHEETML"),
    ],
)
def test_what_is_only_named_a_workbook_is_refused_in_words(refusal, content, code):
    for encoding in ("utf-8", "gb18030"):
        assert refusal(content.encode(encoding)) == [code]


def test_tab_separated_text_named_a_workbook_is_read_as_the_table_it_is(samples, reading):
    content = samples.table().replace(",", "\t").encode("gb18030")
    (read,) = reading(content, name="账户明细.xls").statements
    assert (read.closing_fen, read.faults) == (200000, [])


#: A number cell of an old workbook: kind, length, row, column, format, value.
_NUMBER = struct.Struct("<HHHHHd")


def old_workbook(shared, row):
    """A public XLS whose last amount is moved to another row (from 0)."""
    paths = (shared / "samples/double-entry-generator/example/ccb").glob("*.xls")
    content = bytearray(next(paths).read_bytes())
    places = [found.start() for found in re.finditer(rb"\x03\x02\x0e\x00", bytes(content))]
    at = places[-1]
    kind, length, _, column, style, value = _NUMBER.unpack_from(content, at)
    _NUMBER.pack_into(content, at, kind, length, row, column, style, value)
    return bytes(content)


@pytest.mark.parametrize(("row", "is_full"), [(65_533, False), (65_534, True), (65_535, True)])
def test_an_old_workbook_that_is_full_is_cut_off(shared, row, is_full):
    (sheet, *_) = open_sheets(old_workbook(shared, row)).sheets
    assert (sheet.lines[-1][0], sheet.is_full) == (row + 1, is_full)


def test_statements_of_a_full_sheet_are_truncated_whatever_they_tie_to(samples, layouts, reading):
    content = book(table(samples))
    sheet = replace(open_sheets(content).sheets[0], is_full=True)
    (dialect,) = (each for each in layouts if each.id == "generic")
    keys = [column_key(name) for name in samples.header.split(",")]
    (read,) = remark(reading(content), sheet, dialect, keys).statements
    assert [(fault.kind, fault.problem.code) for fault in read.faults] == [
        ("truncated", "WORKBOOK-FULL")
    ]
