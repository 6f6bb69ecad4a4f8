"""What begins like a formula leaves the program quoted and comes back as it was."""

import csv
import io

import pytest

from feewatch.sheets.quoting import quoted, unquoted, write_csv

FORMULAS = ["=1+1", "+86 138", "-5.00", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", "''-2"]
HARMLESS = ["", "5.00", "'", "'王", "O'Brien", "a=b", " =1", "2026-03-01"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_begins_like_a_formula_is_quoted_and_comes_back(cell):
    assert quoted(cell) == f"'{cell}"
    assert unquoted(quoted(cell)) == cell


@pytest.mark.parametrize("cell", HARMLESS)
def test_another_cell_is_left_alone(cell):
    assert quoted(cell) == cell
    assert unquoted(cell) == cell


def test_a_file_holds_its_rows_and_no_formula():
    content = write_csv([["编号", "备注"], ["1", '=HYPERLINK("http://x","y")'], ["-1", "a,b"]])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["编号", "备注"], ["1", '\'=HYPERLINK("http://x","y")'], ["'-1", "a,b"]]
