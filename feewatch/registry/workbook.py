"""Writes workbooks: text cells, amounts, notes, drop-downs; equal content gives equal bytes."""

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from feewatch.registry import cells
from feewatch.registry.columns import Column

_HEAD, _MUST, _BAD = "#DCE6F1", "#FCE4D6", "#FFC7CE"
_LAST_ROW = 100_000  # drop-downs reach so far
#: No clock is read: equal content is to give equal bytes.
_CREATED = dt.datetime(2021, 10, 21, tzinfo=dt.UTC)
#: XML has no place for these.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Cell:
    """One cell of text, or an amount; a note opens beside it, a bad one is filled."""

    text: str
    note: str = ""
    is_bad: bool = False
    fen: int | None = None  # shown in yuan, as a number that spreadsheets add up


@dataclass(frozen=True)
class WorkbookPage:
    """One sheet; its first row is the header, ``columns`` tell how cells are typed and chosen."""

    title: str
    rows: Sequence[Sequence[Cell]]
    columns: Sequence[Column | None] = ()
    #: Of a sheet that is printed: A4 across, cells wrapped, the header on every page.
    widths: Sequence[int] = ()  # of its columns, in characters
    heading: str = ""  # above each page


def write_workbook(pages: Sequence[WorkbookPage]) -> bytes:
    """The bytes of an XLSX with these sheets."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"author": "feewatch", "created": _CREATED})
    writer = _Writer(book)
    for page in pages:
        writer.write(book.add_worksheet(page.title[:31]), page)
    book.close()
    return out.getvalue()


class _Writer:
    """Writes the sheets of one workbook; formats belong to it and are made once."""

    def __init__(self, book: Workbook) -> None:
        # a text stays one where somebody edits it
        text = {"num_format": "@", "quote_prefix": True}
        self._text, self._bad = book.add_format(text), book.add_format(text | {"bg_color": _BAD})
        self._yuan = book.add_format({"num_format": "#,##0.00"})
        framed = {"border": 1, "valign": "top"}
        self._wrapped = book.add_format(text | framed | {"text_wrap": True})
        self._wrapped_yuan = book.add_format({"num_format": "#,##0.00"} | framed)
        self._printed_head = book.add_format(
            text | framed | {"bold": True, "text_wrap": True, "bg_color": _HEAD}
        )
        head = text | {"bold": True, "valign": "top"}
        self._head, self._must = (
            book.add_format(head | {"bg_color": color}) for color in (_HEAD, _MUST)
        )
        self._of_columns = {
            form: book.add_format({"num_format": form})
            for form in ("General", "yyyy-mm-dd", "0.00", "0", "@")
        }

    def write(self, sheet: Worksheet, page: WorkbookPage) -> None:
        """Fill a sheet; the header stays in sight."""
        for number, column in enumerate(page.columns):
            self._write_column(sheet, number, column)
        if page.widths:
            _set_for_print(sheet, page)
        for line, row in enumerate(page.rows):
            for number, cell in enumerate(row):
                self._write_cell(sheet, line, number, cell, self._format(page, line, number, cell))
        if page.rows:
            sheet.freeze_panes(1, 0)

    def _write_column(self, sheet: Worksheet, number: int, column: Column | None) -> None:
        sheet.set_column(number, number, 22 if column else 14, self._of_columns[_format_of(column)])
        if column and column.words:
            words = list(column.words.values())
            choice = {
                "validate": "list",
                "source": words,
                "ignore_blank": not column.must_be_filled,
                "error_message": f"{column.zh}: {' / '.join(words)}"[:255],
            }
            sheet.data_validation(1, number, _LAST_ROW - 1, number, choice)

    def _format(self, page: WorkbookPage, line: int, number: int, cell: Cell) -> Format:
        if page.widths:
            amount = self._wrapped_yuan if cell.fen is not None else self._wrapped
            return amount if line else self._printed_head
        if cell.fen is not None:
            return self._yuan
        if line:
            return self._bad if cell.is_bad else self._text
        column = page.columns[number] if number < len(page.columns) else None
        return self._must if column and column.must_be_filled else self._head

    def _write_cell(
        self, sheet: Worksheet, line: int, number: int, cell: Cell, form: Format
    ) -> None:
        if cell.fen is not None:  # two decimals of a double are exact up to 10**15 fen
            sheet.write_number(line, number, cell.fen / 100, form)
        elif cell.text:  # never a formula, whatever it begins with
            sheet.write_string(line, number, _ILLEGAL.sub("\ufffd", cell.text), form)
        elif cell.is_bad or not line:
            sheet.write_blank(line, number, None, form)
        if cell.note:
            size = {"author": "feewatch", "width": 320, "height": 140}
            sheet.write_comment(line, number, _ILLEGAL.sub("\ufffd", cell.note), size)


def _set_for_print(sheet: Worksheet, page: WorkbookPage) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.9, bottom=0.6)
    sheet.repeat_rows(0)
    heading = page.heading.replace("&", "&&")[:200]  # an ampersand begins a code of the header
    sheet.set_header(f"&C&14{heading}" if not heading[:1].isdigit() else f"&C&14 {heading}")
    sheet.set_footer("&C&P / &N")
    for number, width in enumerate(page.widths):
        sheet.set_column(number, number, width)


def _format_of(column: Column | None) -> str:
    if column is None:
        return "General"
    if column.read is cells.day:
        return "yyyy-mm-dd"
    if column.read is cells.yuan:
        return "0.00"
    return "0" if isinstance(column.read, cells.Whole) else "@"
