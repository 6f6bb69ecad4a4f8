"""A table file of any kind (CSV, tabs, XLSX, XLS) -> its tables: rows of text cells with lines.

What kind it is the content decides, never the name.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import decode
from feewatch.sheets.lines import Line, TableError, csv_lines
from feewatch.sheets.opening import MAGIC, open_workbook

#: What keeps cells apart; tables saved anew by a spreadsheet have tabs.
DELIMITERS = (",", "\t", "|")
_TOP_CHARACTERS, _TOP_LINES = 100_000, 20
_LONGEST_NAME = 31  # of a sheet, by Excel's own limit


class TableRow(NamedTuple):
    """One row as it lies in the file; ``line`` counts from 1."""

    line: int
    cells: list[str]


class FileTable(NamedTuple):
    """The rows of a text or of one sheet that are not empty; a text has no name."""

    name: str
    rows: list[TableRow]


def is_workbook(content: bytes) -> bool:
    """Whether bytes begin as a workbook does."""
    return content.startswith(MAGIC)


def read_tables(content: bytes) -> list[FileTable] | Problem:
    """The tables of a file that hold anything, at least one, or why there is none."""
    tables = _of_workbook(content) if is_workbook(content) else _of_text(content)
    if isinstance(tables, Problem):
        return tables
    filled = [table for table in tables if table.rows]
    return filled or Problem("FILE-EMPTY", Text("文件没有内容", "the file is empty"))


def unread_sheets(read: str, others: Sequence[str]) -> Problem:
    """That one sheet of several was read, and which were not."""
    names = [name[:_LONGEST_NAME] for name in (read, *others)]
    zh = f"读取的是工作表“{names[0]}”，未读：{'、'.join(names[1:])}"
    en = f"the sheet {names[0]} is read, not: {', '.join(names[1:])}"
    return Problem("WORKBOOK-SHEETS", Text(zh, en))


def _of_workbook(content: bytes) -> list[FileTable] | Problem:
    book = open_workbook(content)
    if isinstance(book, Problem):
        return book
    return [FileTable(sheet.name, _filled(enumerate(sheet.rows, 1))) for sheet in book.sheets]


def _of_text(content: bytes) -> list[FileTable] | Problem:
    text = decode(content)
    if isinstance(text, Problem):
        return text
    try:
        return [FileTable("", _filled(csv_lines(text, _delimiter_of(text))))]
    except TableError as fault:
        return fault.problem


def _filled(lines: Iterable[Line]) -> list[TableRow]:
    return [TableRow(n, cells) for n, cells in lines if any(cell.strip() for cell in cells)]


def _delimiter_of(text: str) -> str:
    """The one that stands most often in the first lines; the comma where none stands more."""
    top = "\n".join(islice(text[:_TOP_CHARACTERS].splitlines(), _TOP_LINES))
    return max(DELIMITERS, key=top.count)
