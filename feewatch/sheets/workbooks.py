"""The visible sheets of an Excel workbook that hold anything, as rows of text cells.

A cell becomes the text that a CSV would have: nothing is rounded, and a number that a spreadsheet
has shortened stays recognisable as one.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.harmless import MAX_CELLS, too_wide

#: Excel keeps 15 digits of a number.
_EXACT_BELOW = 10**15
_SOME_DAY = dt.date(2000, 1, 1)
#: How a number looks that had more of them: here, in a CSV of Excel (1E+15), of Java (1.0E15).
_SHORTENED = re.compile(r"-?\d(?:\.\d+[Ee]\+?|[Ee]\+)\d{1,3}")


class FilledSheet(NamedTuple):
    """A visible sheet that is not empty; its rows begin with the first line of the sheet."""

    name: str
    rows: list[list[str]]


class BookSheets(NamedTuple):
    """The visible sheets that are not empty, and the names of others that are not."""

    filled: list[FilledSheet]
    hidden: list[str]


def is_shortened(cell: str) -> bool:
    """Whether a cell is a number that has lost its last digits."""
    return ("E" in cell or "e" in cell) and _SHORTENED.fullmatch(cell.strip()) is not None


def read_sheets(content: bytes) -> BookSheets | Problem:
    """All its sheets that hold anything, or why no visible one does."""
    try:
        return _read(content)
    except CalamineError as fault:
        return unreadable(f"工作簿无法读取：{fault}", f"cannot read the workbook: {fault}")
    except (ArithmeticError, LookupError, OSError, ValueError):
        return damaged()
    except BaseException as fault:
        # a panic of the reader's Rust code on damaged workbooks; its class cannot be imported
        if type(fault).__name__ != "PanicException":
            raise
        return damaged()


def damaged() -> Problem:
    """That a workbook is damaged."""
    return unreadable("工作簿已损坏", "the workbook is damaged")


def unreadable(zh: str, en: str) -> Problem:
    """That a workbook cannot be read, and why."""
    return Problem("FILE-WORKBOOK", Text(zh, en))


def _read(content: bytes) -> BookSheets | Problem:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = list(_filled(book))
    if not sheets:
        return Problem("FILE-EMPTY", Text("工作簿是空的", "the workbook is empty"))
    if sum(_cells_to_lay_out(sheet) for _, sheet in sheets) > MAX_CELLS:
        return too_wide()
    filled = [
        FilledSheet(
            name,
            [
                [cell if type(cell) is str else _text(cell) for cell in row]
                for row in sheet.to_python(skip_empty_area=False)
            ],
        )
        for name, sheet in sheets
    ]
    return BookSheets(filled, [name for name, _ in _filled(book, is_visible=False)])


def _filled(
    book: CalamineWorkbook, *, is_visible: bool = True
) -> Iterator[tuple[str, CalamineSheet]]:
    for index, about in enumerate(book.sheets_metadata):
        is_wanted = (about.visible == SheetVisibleEnum.Visible) == is_visible
        if is_wanted and about.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_index(index)
            if sheet.height:
                yield about.name, sheet


def _cells_to_lay_out(sheet: CalamineSheet) -> int:
    row, column = sheet.end or (0, 0)  # from 0
    return (row + 1) * (column + 1)


def _text(cell: object) -> str:
    match cell:
        case bool():
            return str(cell)
        case float() | int():
            return _number(cell)
        case dt.datetime():
            return _moment(cell)
        case dt.time():
            return _to_second(dt.datetime.combine(_SOME_DAY, cell)).time().isoformat()
        case dt.date():
            return cell.isoformat()
        case _:
            return str(cell)


def _number(number: float) -> str:
    """All the digits that the file holds; a number past 15 of them with an exponent."""
    if not abs(number) < _EXACT_BELOW:
        return f"{number:.15g}"
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")


def _moment(moment: dt.datetime) -> str:
    nearest = _to_second(moment)
    is_day = nearest.time() == dt.time()
    return nearest.date().isoformat() if is_day else nearest.isoformat(" ")


def _to_second(moment: dt.datetime) -> dt.datetime:
    """The nearest second: a fraction of a day is never quite a time."""
    whole = moment.replace(microsecond=0)
    is_next = moment.microsecond >= 500_000 and moment.year < dt.MAXYEAR
    return whole + dt.timedelta(seconds=is_next)
