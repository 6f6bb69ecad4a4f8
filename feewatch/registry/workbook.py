"""Writes register workbooks: text cells, notes, drop-downs; equal content gives equal bytes."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from feewatch.registry import cells
from feewatch.registry.kinds import Column

_HEAD = PatternFill("solid", fgColor="DCE6F1")
_MUST = PatternFill("solid", fgColor="FCE4D6")
_BAD = PatternFill("solid", fgColor="FFC7CE")
_LAST_ROW = 100_000  # drop-downs reach so far
_MOMENT = re.compile(rb">\d{4}-\d\d-\d\dT[^<]*<")
_FIXED_MOMENT = b">2021-10-21T00:00:00Z<"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Cell:
    """One cell of text; a note opens beside it, a bad one is filled."""

    text: str
    note: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class WorkbookPage:
    """One sheet; its first row is the header, ``columns`` tell how cells are typed and chosen."""

    title: str
    rows: Sequence[Sequence[Cell]]
    columns: Sequence[Column | None] = ()


def write_workbook(pages: Sequence[WorkbookPage]) -> bytes:
    """The bytes of an XLSX with these sheets."""
    book = Workbook()
    book.remove(book.active)
    for page in pages:
        _write_page(book.create_sheet(page.title[:31]), page)
    out = io.BytesIO()
    book.save(out)
    return _settled(out.getvalue())


def _write_page(sheet: Worksheet, page: WorkbookPage) -> None:
    for number, column in enumerate(page.columns, 1):
        _write_column(sheet, number, column)
    for line, row in enumerate(page.rows, 1):
        for number, cell in enumerate(row, 1):
            _write_cell(sheet.cell(line, number), cell)
    if not page.rows:
        return
    musts = [bool(column and column.must_be_filled) for column in page.columns]
    for head, must in zip(sheet[1], [*musts, *[False] * len(page.rows[0])], strict=False):
        head.font, head.fill = Font(bold=True), _MUST if must else _HEAD
    sheet.freeze_panes = "A2"


def _write_column(sheet: Worksheet, number: int, column: Column | None) -> None:
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].number_format = _format_of(column)
    sheet.column_dimensions[letter].width = 22 if column else 14
    if column and column.words:
        choice = DataValidation(
            "list", f'"{",".join(column.words.values())}"', allow_blank=not column.must_be_filled
        )
        choice.error = f"{column.zh}: {' / '.join(column.words.values())}"
        choice.add(f"{letter}2:{letter}{_LAST_ROW}")
        sheet.add_data_validation(choice)


def _format_of(column: Column | None) -> str:
    if column is None:
        return "General"
    if column.read is cells.day:
        return "yyyy-mm-dd"
    if column.read is cells.yuan:
        return "0.00"
    return "0" if isinstance(column.read, cells.Whole) else "@"


def _write_cell(target: SheetCell, cell: Cell) -> None:
    if cell.text:
        target.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell.text)
        target.data_type = "s"  # never a formula, whatever it begins with
        target.number_format = "@"
        target.quotePrefix = True  # so that it stays a text where somebody edits it
    if cell.is_bad:
        target.fill = _BAD
    if cell.note:
        target.comment = Comment(cell.note, "feewatch", height=140, width=320)
        target.alignment = Alignment(vertical="top")


def _settled(data: bytes) -> bytes:
    """The package without the moment at which it was written."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as settled,
    ):
        for name in package.namelist():
            content = package.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(_FIXED_MOMENT, content)
            part = zipfile.ZipInfo(name, _FIXED_DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            settled.writestr(part, content)
    return out.getvalue()
