"""Refuses messages with a text longer than any bank writes; a damaged file can hold megabytes.

Stored, such a text would be compared with others and searched for numbers at every later file.
Tables need no such look: their reader takes no longer cell.
"""

from collections.abc import Iterator

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.columns import Rows
from feewatch.statements.model import FileReading, Statement

#: As long as a cell of a table may be; all the payments of a lump may be told in one text.
MOST_CHARACTERS = 131_072
_TEXTS = ("counterparty", "counterparty_account", "memo", "reference")


def bounded(reading: FileReading) -> FileReading:
    """The reading; or, where a text in it is too long, the refusal of the file."""
    lines = [line for each in reading.statements for line in _long_ones(each)]
    if not lines:
        return reading
    text = Text(
        f"有一段文字超过 {MOST_CHARACTERS:,} 字，文件可能已损坏，请从网银重新导出",
        f"a text is longer than {MOST_CHARACTERS:,} characters: the file may be damaged, "
        "export it anew from the bank",
    )
    return FileReading(
        reading.dialect, (), tuple(Problem("FILE-TEXT", text, line=n) for n in lines)
    )


def _long_ones(statement: Statement) -> Iterator[int | None]:
    """The lines of texts that are too long; None for one of the statement's own."""
    own = statement.account_no, statement.account_name or "", statement.currency
    if max(map(len, own)) > MOST_CHARACTERS:
        yield None
    if any(_longest(statement.rows, name) > MOST_CHARACTERS for name in _TEXTS):
        for row in statement.rows:
            if any(len(getattr(row, name) or "") > MOST_CHARACTERS for name in _TEXTS):
                yield row.line


def _longest(rows: Rows, name: str) -> int:
    return max(map(len, filter(None, rows.column(name))), default=0)
