import datetime as dt
import io

import openpyxl
import pytest

from feewatch.registry.sheet import SheetError, read_sheet


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_utf8_with_and_without_mark_and_in_gb18030(encoding):
    sheet = read_sheet("名称,金额\r\n示例,1.00\r\n".encode(encoding))
    assert sheet.header.cells == ["名称", "金额"]
    assert sheet.rows == [(2, ["示例", "1.00"])]


def test_a_gb18030_mark_is_no_part_of_the_header():
    assert read_sheet("\ufeff名称\n".encode("gb18030")).header.cells == ["名称"]


def test_lines_are_those_of_the_file_whatever_is_empty_or_spans_lines():
    sheet = read_sheet(b'a,b\n\n"x\ny",1\n , \nz,2\n')
    assert [(row.line, row.cells[0]) for row in sheet.rows] == [(3, "x\ny"), (6, "z")]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "FILE-EMPTY", None),
        (b" \n,,\n", "FILE-EMPTY", None),
        (b"a,b\n1,\x002\n", "NUL", 2),
        (b"a,b\n1,2\n\xff\xff\xff\n", "ENCODING", 3),
        (b"\xef\xbb\xbfa\n\xb5\xa5", "ENCODING", 2),
        ("名称".encode("utf-16"), "ENCODING", None),
        (b'a,b\n1,"2\n', "CSV-SYNTAX", 2),
        (b'a,b\n"1"x,2\n', "CSV-SYNTAX", 2),
        (b"\xd0\xcf\x11\xe0old", "FILE-FORMAT", None),
        (b"PK\x03\x04broken", "FILE-FORMAT", None),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data, code, line):
    with pytest.raises(SheetError) as refused:
        read_sheet(data)
    assert (refused.value.problem.code, refused.value.problem.line) == (code, line)


def test_a_workbook_gives_dates_and_numbers_as_a_csv_would_state_them():
    data = workbook(
        [],
        ["日", "金额", "数", "文"],
        [dt.date(2026, 1, 31), 1408.01, 41, "001"],
        [dt.datetime(2026, 1, 31, 8, 30), 0.1 + 0.2, None, "x"],
    )
    assert read_sheet(data).rows == [
        (3, ["2026-01-31", "1408.01", "41", "001"]),
        (4, ["2026-01-31T08:30:00", "0.3", "", "x"]),
    ]


def test_a_number_cell_keeps_15_digits_and_is_marked_beyond():
    sheet = read_sheet(workbook(["号"], [123456789012345], [1234567890123456]))
    assert sheet.rows[0].cells == ["123456789012345"]
    assert sheet.lossy == {(3, 0)}
