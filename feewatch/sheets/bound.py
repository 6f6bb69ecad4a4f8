"""A workbook of several sheets of texts that are no formulas; equal content gives equal bytes."""

import datetime as dt
import io
from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter import Workbook

from feewatch.sheets.listing import sheet_text


class BoundSheet(NamedTuple):
    """One sheet: its name, the heads of its columns, its rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def bind_sheets(sheets: Sequence[BoundSheet], created: dt.date) -> bytes:
    """The XLSX of some sheets; ``created`` stands in it in place of the moment of making."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"created": dt.datetime.combine(created, dt.time())})
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "num_format": "@"})
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    for title, heads, rows in sheets:
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(heads) - 1, 0), 22)
        for place, name in enumerate(heads):
            sheet.write_string(0, place, sheet_text(name), head)
        for line, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(line, place, sheet_text(cell), text)
    book.close()
    return out.getvalue()
