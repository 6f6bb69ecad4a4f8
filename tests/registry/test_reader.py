import io

import openpyxl
import pytest

from feewatch.kernel.days import FIRST_DAY, parse_day
from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import read_register
from feewatch.registry.records import BankAccount, Contract, Course, Institution, Lesson
from feewatch.registry.rejects import rejected_csv

USCC = "52370702651728628K"
HEADER = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"
ROW = f"HT1,{USCC},KC1,S1,hours,40,2026-03-01,2026-05-31,2800.00,2026-02-20"


def read(kind, text):
    return read_register(KINDS[kind], text.encode(), "register.csv")


def contracts(*rows, header=HEADER):
    return read("contracts", "\n".join([header, *rows]))


def faults(reading):
    return [
        (f.line, f.column, f.code, f.value) for f in sorted(reading.faults, key=lambda f: f.line)
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_columns_of_a_kind_are_the_fields_of_its_record_in_order(kind):
    fields = kind.make([None] * len(kind.columns))._fields
    assert tuple(column.fills for column in kind.columns) == fields
    headers = [header for column in kind.columns for header in column.headers]
    assert len(headers) == len(set(headers))
    assert all(header == header.lower() for header in headers)


def test_a_contract_is_read_under_english_ids():
    reading = contracts(ROW)
    assert not reading.faults
    assert not reading.warnings
    assert reading.rows == [
        (
            2,
            Contract(
                "HT1", USCC, "KC1", "S1", "hours", 40, 0,
                parse_day("2026-03-01"), parse_day("2026-05-31"), 280000, parse_day("2026-02-20"),
                None, None, None, "prepaid",
            ),
        )
    ]  # fmt: skip


def test_a_course_is_read_under_chinese_headers_and_words_in_any_order():
    reading = read(
        "courses",
        "学段,授课方式,课程编号,统一社会信用代码,课程名称,学科,班额,课时分钟,公示课时单价\n"
        f"小学,线下,KC1,{USCC},数学班,数学,,45,40.00\n",
    )
    assert [row.record for row in reading.rows] == [
        Course(
            "KC1", USCC, "数学班", "数学", "primary", "offline", None, 45, None, 4000, None, None
        )
    ]


def test_facts_without_a_day_hold_from_the_beginning():
    reading = read(
        "institutions",
        "uscc,name,district,subject,nature,custody,关联方\n"
        f"{USCC},甲,370702,学科类,营利性,银行托管,李明； 某公司;\n",
    )
    (row,) = reading.rows
    assert isinstance(row.record, Institution)
    assert row.record.valid_from == FIRST_DAY
    assert row.record.related_parties == "李明;某公司"


def test_an_unknown_column_is_reported_and_spoils_no_row():
    reading = contracts(ROW + ",备注", header=HEADER + ",remark")
    assert len(reading.rows) == 1
    assert [(w.code, w.line, w.column) for w in reading.warnings] == [
        ("COLUMN-UNKNOWN", 1, "remark")
    ]


def test_every_missing_and_doubled_column_is_named_at_once():
    reading = read("lessons", "合同编号,contract_no,备注\nHT1,HT1,\n")
    assert [(p.code, p.column) for p in reading.refused] == [
        ("COLUMN-MISSING", "held_on"),
        ("COLUMN-MISSING", "lessons"),
        ("COLUMN-TWICE", "contract_no"),
    ]
    assert not reading.rows


def test_a_file_without_header_does_not_show_its_cells_as_columns():
    reading = read("contracts", "HT1,张三,13812345678\n")
    assert {p.column for p in reading.warnings} == {1, 2, 3}


@pytest.mark.parametrize(
    ("good", "bad", "column", "code"),
    [
        (USCC, "52370702651728628J", "uscc", "CREDIT-CODE"),
        ("KC1", "", "course_id", "CELL-EMPTY"),
        ("KC1", "K" * 61, "course_id", "CELL-LONG"),
        ("KC1", "K\u200b1", "course_id", "CELL-INVISIBLE"),
        ("hours", "小时", "basis", "CELL-WORD"),
        ("40", "40.5", "lessons", "CELL-NUMBER"),
        ("40", "-1", "lessons", "CELL-NUMBER"),
        ("40", "10000", "lessons", "CELL-NUMBER"),
        ("2026-03-01", "2026-02-30", "starts_on", "CELL-DAY"),
        ("2026-03-01", "1/3/2026", "starts_on", "CELL-DAY"),
        ("2026-03-01", "1899-12-31", "starts_on", "CELL-DAY"),
        ("2026-05-31", "2026-02-28", "ends_on", "DAYS-REVERSED"),
        ("2800.00", "-0.01", "fee", "CELL-AMOUNT"),
        ("2800.00", "2800.001", "fee", "CELL-AMOUNT"),
        ("2026-02-20", "", "paid_on", "CELL-EMPTY"),
    ],
)
def test_a_bad_cell_is_named_with_line_column_code_and_value(good, bad, column, code):
    reading = contracts(ROW.replace("HT1", "HT0"), ROW.replace(good, bad))
    shown = None if code in ("DAYS-REVERSED", "CELL-EMPTY") else bad
    assert faults(reading) == [(3, column, code, shown)]
    assert [row.line for row in reading.rows] == [2]


@pytest.mark.parametrize(
    ("good", "edge"),
    [
        ("40", "9999"),
        ("40", ""),
        ("2026-03-01", ""),
        ("2026-05-31", ""),
        ("2026-05-31", "2026-03-01"),
        ("2800.00", "0"),
        ("2800.00", "２８００.5"),
        ("KC1", "K" * 60),
    ],
)
def test_a_cell_at_the_edge_is_good(good, edge):
    assert not contracts(ROW.replace(good, edge)).faults


def test_all_faults_of_a_row_and_of_all_rows_come_at_once():
    reading = contracts("HT1,X,KC1,S1,hours,x,2026-03-01,,1,2026-02-20", ROW.replace("40", "四十"))
    assert [(line, column) for line, column, _, _ in sorted(faults(reading))] == [
        (2, "lessons"),
        (2, "uscc"),
        (3, "lessons"),
    ]


def test_only_pay_after_may_leave_paid_on_empty():
    unpaid = ROW.replace("2026-02-20", "")
    reading = contracts(unpaid + ",先学后付", unpaid + ",预付", header=HEADER + ",payment")
    assert faults(reading) == [(3, "paid_on", "CELL-EMPTY", None)]


def test_a_student_cell_with_personal_data_is_refused_and_never_echoed():
    reading = contracts(ROW.replace("S1", "张小明"), ROW.replace("S1", "13812345678"))
    assert faults(reading) == [
        (2, "student", "CELL-PERSONAL", None),
        (3, "student", "CELL-PERSONAL", None),
    ]
    shown = rejected_csv(reading, reading.faults).decode() + repr(reading.faults)
    assert "张小明" not in shown
    assert "13812345678" not in shown


def test_a_phone_in_the_wrong_column_is_not_echoed_either():
    reading = contracts(ROW.replace("2800.00", "13812345678 元"))
    assert faults(reading) == [(2, "fee", "CELL-AMOUNT", None)]


def test_equal_rows_of_a_key_stand_and_contradicting_ones_all_fall():
    other = ROW.replace("HT1", "HT2")
    reading = contracts(ROW, other, ROW, other.replace("2800.00", "2900.00"))
    assert [row.line for row in reading.rows] == [2, 4]
    assert faults(reading) == [
        (3, "contract_no", "KEY-TWICE", "HT2"),
        (5, "contract_no", "KEY-TWICE", "HT2"),
    ]


def test_rows_of_one_lesson_day_may_differ():
    reading = read("lessons", "contract_no,held_on,lessons\nHT1,2026-03-01,1\nHT1,2026-03-01,2\n")
    day = parse_day("2026-03-01")
    assert [row.record for row in reading.rows] == [
        Lesson("HT1", day, 1, None, None, None),
        Lesson("HT1", day, 2, None, None, None),
    ]


def test_a_row_longer_than_the_header_is_bad_and_a_shorter_one_has_empty_cells():
    reading = contracts(ROW + ",x", ROW + ",,", ROW.removesuffix(",2026-02-20"))
    assert faults(reading) == [(2, 11, "ROW-LONG", None), (4, "paid_on", "CELL-EMPTY", None)]


def test_an_account_as_a_number_of_more_than_15_digits_is_refused():
    book = openpyxl.Workbook()
    for row in (
        ["uscc", "account_no", "bank", "kind", "最低余额"],
        [USCC, 123456789012345, "行", "fee", 1000.5],
        [USCC, 1234567890123456, "行", "fee", None],
        [USCC, "12345678901234567890", "行", "fee", None],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    reading = read_register(KINDS["accounts"], out.getvalue(), "a.xlsx")
    assert [(f.line, f.column, f.code) for f in reading.faults] == [
        (3, "account_no", "CELL-DIGITS")
    ]
    assert [row.record for row in reading.rows] == [
        BankAccount(USCC, "123456789012345", "行", "fee", None, None, 100050, None),
        BankAccount(USCC, "12345678901234567890", "行", "fee", None, None, None, None),
    ]


def test_rejected_rows_keep_their_columns_and_gain_line_code_and_reason():
    reading = contracts(ROW, ROW.replace("HT1", "HT2").replace("hours", "hour") + ",x")
    lines = rejected_csv(reading, reading.faults).decode("utf-8-sig").splitlines()
    assert lines[0] == HEADER + ",line,code,reason"
    assert lines[1].startswith(ROW.replace("HT1", "HT2").replace("hours", "hour") + ",3,")
    assert "ROW-LONG; CELL-WORD" in lines[1]
    assert len(lines) == 2
