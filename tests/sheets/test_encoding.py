"""Bytes are text in one encoding, by their mark or by what alone they can be; or they are none."""

import codecs

import pytest

from feewatch.kernel.problems import Problem
from feewatch.sheets.encoding import decode

TABLE = "账号,金额\r\n62220001,1.00\r\n学费,2.00\r\n"
NAMES = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_read_in_every_encoding_with_its_mark_or_without(name):
    assert decode(TABLE.encode(name)) == TABLE


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("table", ["a,b\n1,2\n", "甲,乙\n丙,丁\n", TABLE * 500])
def test_utf16_without_mark_is_told_by_the_ends_of_its_lines(name, table):
    assert decode(table.encode(name)) == table


def test_a_mark_of_utf16_the_other_way_round_and_of_gb18030_are_no_part_of_the_text():
    assert decode(codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be")) == TABLE
    assert decode(("\ufeff" + TABLE).encode("gb18030")) == TABLE


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "FILE-EMPTY", None),
        (codecs.BOM_UTF16_LE, "FILE-EMPTY", None),
        (b"a,b\n1,\x002\n", "FILE-NUL", 2),
        (b"a,b\n1,\x0022\n", "FILE-NUL", 2),
        (b"\0" * 512, "FILE-NUL", 1),
        (b"a,b\n1,2\n\xff\xff\xff\n", "FILE-ENCODING", 3),
        (b"\xef\xbb\xbfa\n\xb5\xa5\n", "FILE-ENCODING", 2),
        (codecs.BOM_UTF16_LE + b"a\0\n\0\0\xd8a\0", "FILE-ENCODING", 2),
        ("甲,乙".encode("utf-16-le"), "FILE-NUL", 1),
    ],
)
def test_what_is_in_no_encoding_is_refused_at_its_line(content, code, line):
    problem = decode(content)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.line) == (code, line)
