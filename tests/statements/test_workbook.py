"""Workbooks read as the tables they hold; what a spreadsheet has spoilt is refused."""

import datetime as dt
import io
import random
import zipfile

import openpyxl
import pytest


def workbook(samples, change=None):
    """The generic table as a clerk's spreadsheet: dates and amounts are cells of their kind."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["单位账户交易明细查询"])
    sheet.append(["起止日期", dt.date(2026, 3, 1), dt.date(2026, 3, 31)])
    sheet.append(samples.header.split(","))
    for row in samples.rows:
        cells = [cell or None for cell in row.split(",")]
        cells[3] = dt.datetime.fromisoformat(cells[3])
        for at in (5, 6, 7):
            cells[at] = cells[at] and float(cells[at])
        sheet.append(cells)
    if change:
        change(sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_workbook_reads_as_the_table_it_holds(samples, statement):
    read, table = statement(workbook(samples)), statement(samples.table())
    assert [row._replace(line=0) for row in read.rows] == [
        row._replace(line=0) for row in table.rows
    ]
    assert (read.account_no, read.closing_fen, read.faults) == ("6222000011112222", 200000, [])
    assert [row.line for row in read.rows] == [4, 5, 6, 7]
    assert read.to_day - read.from_day == 30


@pytest.mark.parametrize(
    ("number", "is_read"), [(622200001111222, True), (6222000011112222, False)]
)
def test_an_account_number_kept_as_a_number_is_refused_past_15_digits(
    samples, reading, number, is_read
):
    def as_number(sheet):
        for row in range(4, 8):
            sheet.cell(row, 1, number)

    found = reading(workbook(samples, as_number))
    assert bool(found.statements) is is_read
    if not is_read:
        assert {problem.column for problem in found.problems} == {"账号"}


def test_an_amount_of_three_decimals_in_a_workbook_is_refused(samples, refusal):
    assert refusal(workbook(samples, lambda sheet: sheet.cell(4, 7, 800.005))) != []


def test_a_float_that_is_no_exact_decimal_is_the_amount_it_shows(samples, statement):
    read = statement(workbook(samples, lambda sheet: sheet.cell(4, 7, 799.9 + 0.1)))
    assert read.rows[0].amount_fen == 80000


def test_a_sheet_whose_stated_size_is_wrong_reads_whole(samples, statement):
    source = zipfile.ZipFile(io.BytesIO(workbook(samples)))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = content.replace(b'<dimension ref="A1:L7"', b'<dimension ref="A1"')
                assert b'<dimension ref="A1"' in content
            package.writestr(part, content)
    assert len(statement(target.getvalue()).rows) == 4


def test_a_formula_without_a_kept_value_does_not_pass_as_an_amount(samples, reading):
    found = reading(workbook(samples, lambda sheet: sheet.cell(5, 8, "=H4-F5")))
    assert found.problems or found.statements[0].rows[1].balance_fen is None


def test_an_empty_workbook_and_a_broken_one_are_refused(samples, refusal):
    whole = workbook(samples)
    assert refusal(whole[: len(whole) // 2]) != []
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    assert refusal(target.getvalue()) != []


def test_workbooks_with_spoilt_bytes_never_raise(samples, reading):
    rng, whole = random.Random(7), workbook(samples)
    for _ in range(60):
        raw = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        reading(bytes(raw))
