"""A long list as CSV or XLSX, row by row: texts that no spreadsheet takes for formulas, numbers.

Nothing of it is held in memory but a batch of rows.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, Literal

from xlsxwriter import Workbook

from feewatch.kernel.money import format_yuan
from feewatch.sheets.quoting import quoted

#: How a column is written: a text as it is, a whole number, an amount in fen shown in yuan.
ColumnKind = Literal["text", "whole", "yuan"]
Value = str | int | None
_MOST_TEXT = 32_767
_PART = 64 * 1024
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def csv_parts(
    heads: Sequence[str], kinds: Sequence[ColumnKind], rows: Iterable[Sequence[Value]]
) -> Iterator[bytes]:
    """CSV in parts, with a mark by which spreadsheets know UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(quoted(head) for head in heads)
    yield out.getvalue().encode("utf-8-sig")
    for row in rows:
        out.seek(0)
        out.truncate()
        writer.writerow(_written(value, kind) for value, kind in zip(row, kinds, strict=True))
        yield out.getvalue().encode()


def _written(value: Value, kind: ColumnKind) -> str:
    if value is None:
        return ""
    if kind == "text" or isinstance(value, str):
        return quoted(str(value))
    return format_yuan(value) if kind == "yuan" else str(value)


def sheet_text(value: str) -> str:
    """A text as a cell of a workbook can hold it."""
    return _ILLEGAL.sub("\ufffd", value)[:_MOST_TEXT]


def workbook_parts(
    title: str,
    heads: Sequence[str],
    kinds: Sequence[ColumnKind],
    rows: Iterable[Sequence[Value]],
) -> Iterator[bytes]:
    """An XLSX of one sheet in parts."""
    with TemporaryFile() as file:
        _write_workbook(file, title, heads, kinds, rows)
        file.seek(0)
        while part := file.read(_PART):
            yield part


def _write_workbook(
    file: IO[bytes],
    title: str,
    heads: Sequence[str],
    kinds: Sequence[ColumnKind],
    rows: Iterable[Sequence[Value]],
) -> None:
    book = Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "num_format": "@"})
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    forms = {
        "whole": book.add_format({"num_format": "0"}),
        "yuan": book.add_format({"num_format": "#,##0.00"}),
    }
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 18)
    for place, name in enumerate(heads):
        sheet.write_string(0, place, name, head)
    for line, row in enumerate(rows, 1):
        for place, (value, kind) in enumerate(zip(row, kinds, strict=True)):
            if isinstance(value, int) and kind != "text":
                number = value / 100 if kind == "yuan" else value
                sheet.write_number(line, place, number, forms[kind])
            elif value is not None:
                sheet.write_string(line, place, sheet_text(str(value)), text)
    book.close()
