"""Where in a file a register's table begins: hidden sheets, covers and titles are passed over."""

import datetime as dt
import io

import openpyxl
import pytest

from feewatch.kernel.days import parse_day
from feewatch.registry.kinds import KINDS
from feewatch.registry.profile_file import load_profiles
from feewatch.registry.reader import read_register
from feewatch.registry.templates import template
from feewatch.registry.tokens import tokenise

USCC = "52370702651728628K"
HEADER = ["refund_no", "contract_no", "requested_on", "amount", "uscc"]
ROW = ["T1", "HT1", "2026-04-10", "1400.00", USCC]
COVER = [["填写说明"], ["每行一笔退费申请"]]


def book(sheets, hidden=()):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def read(content, kind="refunds"):
    return read_register(KINDS[kind], content, "登记.xlsx", load_profiles())


def test_a_hidden_sheet_of_words_and_an_empty_one_are_passed_over_without_a_word():
    reading = read(book({"字典": [["学员", "机构"]], "空": [], "退费": [HEADER, ROW]}, ["字典"]))
    assert [row.record.refund_no for row in reading.rows] == ["T1"]
    assert reading.warnings == []


def test_a_cover_before_the_table_is_passed_over_and_said():
    reading = read(book({"填写说明": COVER, "退费": [HEADER, ROW], "备用": [["x"]]}))
    assert [(row.line, row.record.refund_no) for row in reading.rows] == [(2, "T1")]
    (warning,) = reading.warnings
    assert (warning.code, warning.file) == ("WORKBOOK-SHEETS", "登记.xlsx")
    assert warning.message.zh == "读取的是工作表“退费”，未读：填写说明、备用"


def test_of_two_sheets_with_the_header_the_first_is_read_and_the_other_is_said_to_be_unread():
    reading = read(book({"一月": [HEADER, ROW], "二月": [HEADER, ["T2", *ROW[1:]]]}))
    assert [row.record.refund_no for row in reading.rows] == ["T1"]
    assert "二月" in reading.warnings[0].message.zh


def test_titles_above_the_registers_own_header_are_passed_over():
    title = f"退费登记表,,,,\n制表日期,2026-05-01,,,\n{','.join(HEADER)}\n{','.join(ROW)}\n"
    reading = read(title.encode())
    assert [(row.line, row.record.refund_no) for row in reading.rows] == [(4, "T1")]
    assert (reading.faults, reading.warnings) == ([], [])


@pytest.mark.parametrize(("titles", "is_read"), [(20, True), (21, False)])
def test_a_header_further_down_than_twenty_filled_lines_is_none(titles, is_read):
    lines = ["标题,x"] * titles + [",".join(HEADER), ",".join(ROW)]
    assert bool(read("\n".join(lines).encode()).rows) is is_read


def test_what_is_missing_is_said_of_the_sheet_that_comes_nearest():
    reading = read(book({"填写说明": COVER, "退费": [["标题"], HEADER[:3], ROW[:3]]}))
    header = [column for column in KINDS["refunds"].columns if column.must_stand]
    missing = [column.name for column in header if column.name not in HEADER[:3]]
    assert [(p.code, p.line, p.column) for p in reading.refused] == [
        ("COLUMN-MISSING", 2, name) for name in missing
    ]


def test_a_profiles_table_on_the_second_sheet_is_read_too():
    rows = [
        ["合同号", "学员", "上课时间", "消耗课时", "签到方式"],
        ["HT1", "张三", "2026.9.1", 2, "老师点名"],
    ]
    reading = read(book({"填写说明": COVER, "课消": rows}), "lessons")
    assert reading.profile is not None
    assert [row.record.contract_no for row in reading.rows] == ["HT1"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_sheets_that_a_template_brings_along_are_no_news(kind):
    assert [w.code for w in read(template(KINDS[kind]), kind).warnings] == []


def test_a_sample_sheet_that_somebody_filled_is_said_to_be_unread():
    content = openpyxl.load_workbook(io.BytesIO(template(KINDS["refunds"])))
    content["示例 sample"].append(["T9"])
    target = io.BytesIO()
    content.save(target)
    assert "示例 sample" in read(target.getvalue()).warnings[0].message.zh


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_text_of_a_spreadsheet_in_utf16_with_tabs_is_a_register(encoding):
    text = "\r\n".join("\t".join(row) for row in (HEADER, ROW))
    assert [row.record.amount_fen for row in read(text.encode(encoding)).rows] == [140_000]


@pytest.mark.parametrize(
    ("cell", "is_day"),
    [
        ("2026-06-16", True), ("2026/06/16", True), ("2026/6/16", True), ("2026-6-16", True),
        ("2026/6/16 0:00", True), ("2026-06-16 00:00:00", True), ("2026/6/16 8:30", False),
        ("2026/6-16", False), ("16/6/2026", False), ("46189", False), ("2026/6/31", False),
        ("2026年6月16日", False),
    ],
)  # fmt: skip
def test_a_day_is_read_as_iso_or_as_a_spreadsheet_writes_it(cell, is_day):
    reading = read(",".join(HEADER).encode() + f"\nT1,HT1,{cell},1400,{USCC}\n".encode())
    if is_day:
        assert reading.rows[0].record.requested_on == parse_day("2026-06-16")
    else:
        assert [(p.code, p.value) for p in reading.faults] == [("CELL-DAY", cell)]


def test_dates_of_a_workbook_are_days_of_a_register():
    row = ["T1", "HT1", dt.datetime(2026, 6, 16), 1400, USCC]
    assert read(book({"退费": [HEADER, row]})).rows[0].record.requested_on == parse_day(
        "2026-06-16"
    )


@pytest.mark.parametrize(
    ("number", "is_read"), [(123456789012345, True), (1234567890123456, False)]
)
def test_a_number_cell_keeps_15_digits_and_is_refused_beyond(number, is_read):
    reading = read(book({"退费": [HEADER, [number, *ROW[1:]]]}))
    if is_read:
        assert reading.rows[0].record.refund_no == str(number)
    else:
        assert [(p.code, p.line, p.column) for p in reading.faults] == [
            ("CELL-DIGITS", 2, "refund_no")
        ]


@pytest.mark.parametrize(
    ("cell", "is_read"), [("1.23457E+15", False), ("1.0E15", False), ("1E5", True), ("E+15", True)]
)
def test_a_number_that_a_spreadsheet_shortened_in_a_csv_is_refused_as_well(cell, is_read):
    reading = read(",".join(HEADER).encode() + f"\n{cell},{','.join(ROW[1:])}\n".encode())
    assert [p.code for p in reading.faults] == ([] if is_read else ["CELL-DIGITS"])


def test_a_cell_told_to_be_text_holds_the_text_alone():
    reading = read(",".join(HEADER).encode() + f'\n="0012",{",".join(ROW[1:])}\n'.encode())
    assert reading.rows[0].record.refund_no == "0012"


def test_tokens_are_made_from_the_sheet_that_holds_the_table_and_the_others_are_said():
    header = ["contract_no", "uscc", "姓名", "手机号"]
    content = book({"填写说明": COVER, "名册": [header, ["HT1", USCC, "张三", "13812345678"]]})
    done = tokenise(KINDS["contracts"], content, "名册.xlsx", b"k" * 32)
    assert done.rows[1][:2] == ["HT1", USCC]
    assert [note.code for note in done.notes] == ["WORKBOOK-SHEETS"]
