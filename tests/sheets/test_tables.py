"""A table file of any kind gives the same rows, and what is none is refused with its reason."""

import datetime as dt
import io

import openpyxl
import pytest

from feewatch.kernel.problems import Problem
from feewatch.sheets.tables import is_workbook, read_tables

TABLE = "名称,金额\r\n示例,1.00\r\n"


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(content):
    (table,) = read_tables(content)
    return [tuple(row) for row in table.rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_a_text_is_read_in_every_encoding_whatever_keeps_its_cells_apart(encoding, delimiter):
    content = TABLE.replace(",", delimiter).encode(encoding)
    assert rows_of(content) == [(1, ["名称", "金额"]), (2, ["示例", "1.00"])]


def test_commas_within_cells_do_not_make_a_table_of_tabs_one_of_commas():
    assert rows_of(b"a\tb\tc\n1\tx,y\t2\n3\tz\t4\n")[1] == (2, ["1", "x,y", "2"])


def test_lines_are_those_of_the_file_whatever_is_empty_or_spans_lines():
    rows = rows_of(b'a,b\n\n"x\ny",1\n , \nz,2\n')
    assert [(line, cells[0]) for line, cells in rows] == [(1, "a"), (3, "x\ny"), (6, "z")]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "FILE-EMPTY", None),
        (b" \n,,\n", "FILE-EMPTY", None),
        (b"a,b\n1,\x002\n", "FILE-NUL", 2),
        (b"a,b\n1,2\n\xff\xff\xff\n", "FILE-ENCODING", 3),
        (b'a,b\n1,"2\n', "TABLE-SYNTAX", 2),
        (b'a,b\n"1"x,2\n', "TABLE-SYNTAX", 2),
        (b"\xd0\xcf\x11\xe0old", "FILE-WORKBOOK", None),
        (b"PK\x03\x04broken", "FILE-FORMAT", None),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content, code, line):
    problem = read_tables(content)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.line) == (code, line)


def test_a_cell_without_end_is_said_in_words_of_a_clerk():
    problem = read_tables(b"a,b\n1," + b"x" * 200_000 + b"\n")
    assert (problem.code, problem.line) == ("TABLE-SYNTAX", 2)
    assert problem.message.zh == "有一格超过 131,072 个字符：不是对账单，或引号没有收尾"


def test_a_workbook_gives_dates_and_numbers_as_a_csv_would_state_them():
    content = workbook(
        [],
        ["日", "金额", "数", "文"],
        [dt.date(2026, 1, 31), 1408.01, 41, "001"],
        [dt.datetime(2026, 1, 31, 8, 30), 1e-05, None, "x"],
    )
    assert is_workbook(content)
    assert rows_of(content)[1:] == [
        (3, ["2026-01-31", "1408.01", "41", "001"]),
        (4, ["2026-01-31 08:30:00", "0.00001", "", "x"]),
    ]


def test_an_old_workbook_is_a_table_like_any_other(shared):
    path = next((shared / "samples/double-entry-generator/example/ccb").glob("*.xls"))
    (table,) = read_tables(path.read_bytes())
    assert len(table.rows) > 5
