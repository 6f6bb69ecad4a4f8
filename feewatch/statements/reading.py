"""Recognises a bank file from its content and reads it; never from its name alone."""

from collections.abc import Sequence
from itertools import islice

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.camt import NAME as CAMT
from feewatch.statements.camt import has_doctype, is_camt053, read_camt
from feewatch.statements.dialects import Dialect
from feewatch.statements.encoding import decode
from feewatch.statements.model import Reading
from feewatch.statements.mt940 import NAME as MT940
from feewatch.statements.mt940 import is_mt940, read_mt940
from feewatch.statements.tabular import csv_lines, find_header, read_table

_WORKBOOKS = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
#: As many lines are looked at for a header.
_TOP = 120


def read(
    content: bytes, name: str, dialects: Sequence[Dialect], dialect: str | None = None
) -> Reading:
    """The statements of a file, or why it holds none.

    ``dialect`` names the layout where the officer knows better than recognition; ``name`` is the
    file's, for problems alone.
    """
    reading = _read(content, dialects, dialect)
    problems = tuple(_named(problem, name) for problem in reading.problems)
    return Reading(reading.dialect, reading.statements, problems)


def _named(problem: Problem, name: str) -> Problem:
    return Problem(problem.code, problem.message, name, problem.line, problem.column, problem.value)


def _read(content: bytes, dialects: Sequence[Dialect], dialect: str | None) -> Reading:
    if content.startswith(_WORKBOOKS):
        return _unknown(
            "这是 Excel 工作簿,请另存为 CSV 后上传", "a workbook: save it as CSV and send that"
        )
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" and dialect in (None, CAMT):
        return _read_xml(content, dialect)
    text = decode(content)
    if isinstance(text, Problem):
        return Reading(dialect, (), (text,))
    if dialect == MT940 or (dialect is None and is_mt940(text)):
        return read_mt940(text)
    return _read_table(text, dialects, dialect)


def _read_xml(content: bytes, dialect: str | None) -> Reading:
    if dialect == CAMT or is_camt053(content) or has_doctype(content):
        return read_camt(content)
    return _unknown("XML 不是 camt.053 对账单", "the XML is no camt.053 statement")


def _read_table(text: str, dialects: Sequence[Dialect], dialect: str | None) -> Reading:
    for each in dialects:
        if dialect not in (None, each.id):
            continue
        header = find_header(islice(csv_lines(text, each.delimiter), _TOP), each)
        if header is not None:
            return read_table(csv_lines(text, each.delimiter), header, each)
    if dialect is not None and dialect not in {each.id for each in dialects}:
        known = ", ".join(sorted({MT940, CAMT, *(each.id for each in dialects)}))
        return _unknown(f"没有版式 {dialect},可用:{known}", f"no layout {dialect}; known: {known}")
    return _unknown(
        "不是已知银行版式:找不到表头;可先整理成通用版式",
        "no known bank layout: the header was not found; the generic layout always works",
    )


def _unknown(zh: str, en: str) -> Reading:
    return Reading(None, (), (Problem("FILE-LAYOUT", Text(zh, en)),))
