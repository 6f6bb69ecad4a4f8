"""Sheets of Excel workbooks (XLSX, XLS) as lines of text cells, and what cells alone cannot tell.

A cell becomes the text that the bank's CSV would have: nothing is rounded, and a number that a
spreadsheet has shortened stays recognisable as one.
"""

import datetime as dt
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.workbooks import MAX_CELLS, OLE_MAGIC, ZIP_MAGIC, look_through
from feewatch.statements.dialects import Dialect
from feewatch.statements.formulas import formula_lines
from feewatch.statements.model import Fault, Reading

MAGIC = (ZIP_MAGIC, OLE_MAGIC)
#: An old workbook ends here, whether or not the account does.
_MOST_ROWS_OF_XLS = 65_536
#: Excel keeps 15 digits of a number.
_EXACT_BELOW = 10**15
#: How a number looks that had more of them.
_SHORTENED = re.compile(r"-?\d(?:\.\d+)?[Ee]\+?\d+")
_SOME_DAY = dt.date(2000, 1, 1)
_ACCOUNTS = ("account", "counterparty_account", "payer_account", "payee_account")
_MONEY = ("out", "in", "amount", "balance")

Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Sheet:
    """The sheet of a workbook that is read."""

    lines: Lines
    is_full: bool  # it ends where its format ends
    others: tuple[str, ...]  # further sheets with content, which are not read
    formulas: Mapping[int, Sequence[int]]  # column from 0 -> lines whose value is computed


def open_sheet(content: bytes) -> Sheet | Problem:
    """The first visible sheet that is not empty, or why there is none."""
    computed = look_through(content)
    if isinstance(computed, Problem):
        return computed
    try:
        return _open(content, computed)
    except CalamineError as fault:
        return _unreadable(f"工作簿无法读取:{fault}", f"cannot read the workbook: {fault}")
    except BaseException as fault:
        # a panic of the reader's Rust code on damaged XLS; its class cannot be imported
        if type(fault).__name__ != "PanicException":
            raise
        return _unreadable("工作簿已损坏", "the workbook is damaged")


def sheet_lines(content: bytes) -> Lines | Problem:
    """The lines of that sheet alone."""
    sheet = open_sheet(content)
    return sheet if isinstance(sheet, Problem) else sheet.lines


def _open(content: bytes, computed: Collection[str]) -> Sheet | Problem:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    filled = list(_filled(book))
    if not filled:
        return Problem("FILE-EMPTY", Text("工作簿是空的", "the workbook is empty"))
    name, sheet = filled[0]
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        return _unreadable("工作表行列过多,请拆分后再交", "too many rows and columns: split it")
    rows = sheet.to_python(skip_empty_area=False)
    is_old = content.startswith(OLE_MAGIC)
    return Sheet(
        [
            (number, [cell if type(cell) is str else _text(cell) for cell in row])
            for number, row in enumerate(rows, 1)
        ],
        is_old and len(rows) >= _MOST_ROWS_OF_XLS - 1,
        tuple(other for other, _ in filled[1:]),
        formula_lines(content, name, computed),
    )


def _filled(book: CalamineWorkbook) -> Iterator[tuple[str, CalamineSheet]]:
    for index, about in enumerate(book.sheets_metadata):
        is_visible = about.visible is SheetVisibleEnum.Visible
        if is_visible and about.typ is SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_index(index)
            if sheet.height:
                yield about.name, sheet


def _unreadable(zh: str, en: str) -> Problem:
    return Problem("FILE-WORKBOOK", Text(zh, en))


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


def remark(reading: Reading, sheet: Sheet, dialect: Dialect, keys: Sequence[str]) -> Reading:
    """The reading of a sheet with what its texts alone do not tell.

    ``keys``: the column names of the header. An account number that was kept as a number and has
    lost its end refuses the file; a sheet that is full is cut off; formulas and sheets left unread
    are noted.
    """
    lines = {line for each in reading.statements for line in each.rows.column("line")}
    problems = _shortened(sheet, lines, _columns(dialect, keys, _ACCOUNTS))
    if problems:
        return Reading(reading.dialect, (), tuple(problems))
    notes = _formulas(sheet, lines, _columns(dialect, keys, _MONEY))
    if sheet.others:
        notes.append(unread(sheet))
    for statement in reading.statements:
        statement.notes.extend(notes)
        if sheet.is_full:
            text = Text(
                "XLS 已满 65536 行,可能被截断,请分段导出", "the XLS is full: export it in parts"
            )
            full = Problem("WORKBOOK-FULL", text, line=sheet.lines[-1][0])
            statement.faults.insert(0, Fault("truncated", full))
    return reading


def unread(sheet: Sheet) -> Problem:
    """That only one sheet of several is read."""
    names = "、".join(sheet.others)
    zh, en = f"只读取第一个工作表,未读:{names}", f"only the first sheet is read, not: {names}"
    return Problem("WORKBOOK-SHEETS", Text(zh, en))


def _columns(dialect: Dialect, keys: Sequence[str], fields: Sequence[str]) -> dict[int, str]:
    """The columns of these fields: place -> name."""
    names = {name for field in fields for name in dialect.columns.get(field, ())}
    return {place: key for place, key in enumerate(keys) if key in names}


def _shortened(sheet: Sheet, lines: set[int], columns: Mapping[int, str]) -> list[Problem]:
    found = []
    for number, values in sheet.lines if columns else ():
        for place, name in columns.items():
            told = values[place] if place < len(values) else ""
            if "e" not in told and "E" not in told:
                continue
            if number in lines and _SHORTENED.fullmatch(told.strip()):
                zh = f"“{name}”以数字保存,超过 15 位的部分已丢失;请以文本格式导出"
                en = f"{name} was kept as a number and has lost its last digits: export it as text"
                found.append(Problem("TABLE-CELL", Text(zh, en), line=number, column=name))
    return found


def _formulas(sheet: Sheet, lines: set[int], columns: Mapping[int, str]) -> list[Problem]:
    found = []
    for place, name in columns.items():
        computed = [line for line in sheet.formulas.get(place, ()) if line in lines]
        if computed:
            zh = f"“{name}”有 {len(computed)} 个单元格是公式,不是银行原始导出"
            en = f"{len(computed)} cells of {name} are formulas: not as the bank exported it"
            text = Text(zh, en)
            found.append(Problem("WORKBOOK-FORMULA", text, line=computed[0], column=name))
    return found
