"""Lines of a CSV as cells, however its writer kept spreadsheets from changing them."""

import pytest

from feewatch.sheets.lines import csv_lines


def cells(text, delimiter=","):
    return [values for _, values in csv_lines(text, delimiter)]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ('="0062220001"', "0062220001"),
        ('"=""0062220001"""', "0062220001"),
        ('="a,b"', "a,b"),
        ('=""', ""),
        ('="0062220001" ', "0062220001"),
        ('x="1"', 'x="1"'),
        ("=1", "=1"),
    ],
)
def test_a_cell_that_is_told_to_be_text_holds_the_text_alone(cell, read):
    assert cells(f"{cell},1\n2,{cell}\n3,{cell}") == [[read, "1"], ["2", read], ["3", read]]


def test_in_a_table_apart_by_tabs_too():
    assert cells('="01"\t="02"\r\n', "\t") == [["01", "02"]]
