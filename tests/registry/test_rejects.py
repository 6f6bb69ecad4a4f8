import csv
import io

import openpyxl

from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import read_register
from feewatch.registry.rejects import rejected_csv, rejected_xlsx

USCC = "52370702651728628K"
HEADER = [
    "合同编号", "统一社会信用代码", "课程编号", "学员标识", "收费方式", "课时数", "开课日期",
    "结课日期", "金额", "缴费日期", "备注", "家长电话",
]  # fmt: skip
GOOD = ["HT1", USCC, "KC1", "S1", "按课时", "40", "2026-03-01", "2026-05-31", "2800", "2026-02-20"]


def read(*rows):
    book = openpyxl.Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return read_register(KINDS["contracts"], out.getvalue(), "合同.xlsx")


def rejected(reading):
    return openpyxl.load_workbook(io.BytesIO(rejected_xlsx(reading, reading.faults))).worksheets[0]


def bad(**cells):
    row = [*GOOD, "", ""]
    for name, value in cells.items():
        row[HEADER.index(name)] = value
    return row


def test_bad_cells_are_marked_and_carry_their_reason_and_good_rows_stay_away():
    sheet = rejected(read(GOOD, bad(合同编号="HT2", 金额="两千八", 课时数="x")))
    assert [cell.value for cell in sheet[1]][:12] == HEADER
    assert [cell.value for cell in sheet[1]][12:] == ["行号 line", "代码 code", "原因 reason"]
    assert sheet.max_row == 2
    marked = {cell.column_letter for cell in sheet[2] if cell.fill.fill_type}
    assert marked == {"F", "I"}
    assert "金额:应为" in sheet["I2"].comment.text
    assert "fee: not an amount" in sheet["I2"].comment.text
    assert (sheet["M2"].value, sheet["N2"].value) == ("3", "CELL-NUMBER; CELL-AMOUNT")
    assert "课时数" in sheet["O2"].value


def test_mended_rejects_import_again():
    reading = read(bad(金额="两千八"))
    book = openpyxl.load_workbook(io.BytesIO(rejected_xlsx(reading, reading.faults)))
    book.worksheets[0]["I2"] = "2800.00"
    out = io.BytesIO()
    book.save(out)
    again = read_register(KINDS["contracts"], out.getvalue(), "again.xlsx")
    assert again.faults == []
    assert [row.record.contract_no for row in again.rows] == ["HT1"]


def test_values_that_look_personal_are_blank_in_both_forms():
    row = bad(学员标识="张小明", 金额="13812345678 元", 备注="找 13912345678", 家长电话="不详")
    reading = read(row)
    sheet = rejected(reading)
    shown = [cell.value for cell in sheet[2]]
    assert [shown[HEADER.index(n)] for n in ("学员标识", "金额", "备注", "家长电话")] == [None] * 4
    text = rejected_csv(reading, reading.faults).decode() + repr(reading.faults)
    for secret in ("张小明", "13812345678", "13912345678", "不详"):
        assert secret not in text


def test_a_cell_that_begins_like_a_formula_stays_text():
    text = "合同编号,上课日期,课时数\n=1+1,x,1\n"
    sheet = rejected(read_register(KINDS["lessons"], text.encode(), "a.csv"))
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")


def test_a_control_character_does_not_stop_the_workbook():
    reading = read_register(
        KINDS["lessons"], "合同编号,上课日期,课时数\nH\x01T,x,1\n".encode(), "a.csv"
    )
    book = openpyxl.load_workbook(io.BytesIO(rejected_xlsx(reading, reading.faults)))
    assert book.worksheets[0]["A2"].value == "H\ufffdT"


FORMULAS = {"备注": '=HYPERLINK("http://x","y")', "合同编号": "@SUM(1)", "课程编号": "+KC1"}


def test_no_cell_of_the_rejects_is_a_formula_and_mended_they_import_as_they_were():
    reading = read(bad(金额="-5", **FORMULAS))
    content = rejected_csv(reading, reading.faults).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(content, newline="")))
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert dict(zip(*table, strict=True))["合同编号"] == "'@SUM(1)"
    mended = content.replace("'-5", "2800.00")
    again = read_register(KINDS["contracts"], mended.encode(), "again.csv")
    assert again.faults == []
    record = again.rows[0].record
    assert (record.contract_no, record.course_id) == ("@SUM(1)", "+KC1")


def test_a_formula_stays_a_text_in_the_workbook_of_rejects():
    table = "\n".join(",".join(row) for row in (HEADER, bad(金额="x", 合同编号="=1+1")))
    cell = rejected(read_register(KINDS["contracts"], table.encode(), "合同.csv"))["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)
