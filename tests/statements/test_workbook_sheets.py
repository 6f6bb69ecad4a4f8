"""Workbooks of several sheets: cover pages, several accounts, sheets that are hidden or empty."""

import io

import openpyxl
import pytest

HEADER = "交易日,交易时间,起息日,借方金额,贷方金额,余额,摘要,流水号,收/付方名称,收/付方帐号"
A, B = "3700010001234567890", "370001888812345678"


def rows(account, *, reference="C"):
    head = [["账号", account]] if account else []
    return [
        *head,
        HEADER.split(","),
        [
            "2026-03-05",
            "10:00:00",
            "",
            "",
            "800.00",
            "1800.00",
            "学费",
            f"{reference}1",
            "王某",
            "",
        ],
        ["2026-03-06", "10:00:00", "", "50.00", "", "1750.00", "退费", f"{reference}2", "王某", ""],
    ]


def workbook(**sheets):
    """A workbook; a sheet whose name begins with an underscore is hidden."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name.strip("_"))
        for line in lines:
            sheet.append(line)
        sheet.sheet_state = "hidden" if name.startswith("_") else "visible"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def codes(statement):
    return [each.code for each in statement.notes]


COVER = [["说明"], ["本表由网银导出"]]


@pytest.mark.parametrize("cover", [COVER, [["说明：2026 年 3 月"]], [["机构", "A"], ["经办", "B"]]])
def test_a_cover_sheet_is_passed_over_and_said(reading, cover):
    (read,) = reading(workbook(说明=cover, 明细=rows(A))).statements
    assert (read.account_no, len(read.rows), read.faults) == (A, 2, [])
    assert codes(read) == ["WORKBOOK-SHEETS"]
    assert "未读：说明" in read.notes[0].message.zh


def test_two_sheets_of_two_accounts_are_two_statements(reading):
    first, second = reading(workbook(甲=rows(A), 乙=rows(B, reference="D"))).statements
    assert [(each.n, each.account_no, len(each.rows)) for each in (first, second)] == [
        (1, A, 2), (2, B, 2),
    ]  # fmt: skip
    assert [codes(each) for each in (first, second)] == [["WORKBOOK-SHEET"]] * 2
    assert "乙" in second.notes[0].message.zh
    assert first.faults == second.faults == []


def test_a_second_sheet_that_names_no_account_refuses_the_file(reading):
    found = reading(workbook(甲=rows(A), 乙=rows(None)))
    assert found.statements == ()
    assert [each.code for each in found.problems] == ["TABLE-ACCOUNT"]
    assert found.problems[0].message.zh.startswith("工作表“乙”：")


def test_a_sheet_that_cannot_be_read_refuses_itself_alone(reading):
    bad = rows(B)
    bad[2][4] = "x"
    good, husk = reading(workbook(甲=rows(A), 乙=bad)).statements
    assert (good.account_no, good.faults) == (A, [])
    assert [(each.kind, each.problem.line) for each in husk.faults] == [("unreadable", 3)]
    assert "乙" in husk.faults[0].problem.message.zh


def test_a_hidden_sheet_is_not_read_and_said(reading):
    (read,) = reading(workbook(明细=rows(A), _旧=rows(B))).statements
    assert (read.account_no, codes(read)) == (A, ["WORKBOOK-HIDDEN"])
    assert "旧" in read.notes[0].message.zh


def test_a_second_sheet_with_a_header_alone_is_no_statement(reading):
    (read,) = reading(workbook(明细=rows(A), 模板=rows(None)[:1])).statements
    assert (read.account_no, codes(read)) == (A, ["WORKBOOK-SHEETS"])


def test_numbers_that_begin_anew_on_each_sheet_are_no_ids(reading):
    read = reading(workbook(甲=rows(A, reference=""), 乙=rows(B, reference=""))).statements
    assert [row.reference for each in read for row in each.rows] == [None] * 4


def test_sheets_of_several_layouts_are_to_be_exported_apart(reading, samples):
    generic = [samples.header.split(","), *(row.split(",") for row in samples.rows)]
    found = reading(workbook(甲=rows(A), 乙=generic))
    assert [each.code for each in found.problems] == ["WORKBOOK-LAYOUTS"]


def test_cells_that_a_formula_makes_texts_are_those_texts(reading):
    book = workbook(明细=rows(A))
    loaded = openpyxl.load_workbook(io.BytesIO(book))
    sheet = loaded.active
    sheet["B1"].value, sheet["B1"].data_type = f'="{A}"', "s"
    sheet["F3"].value, sheet["F3"].data_type = '="1800.00"', "s"
    target = io.BytesIO()
    loaded.save(target)
    (read,) = reading(target.getvalue()).statements
    assert (read.account_no, [row.balance_fen for row in read.rows]) == (A, [180000, 175000])
