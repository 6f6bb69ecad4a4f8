"""Sheets of Excel workbooks (XLSX, XLS) as lines of cells, and what the cells alone do not tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.opening import open_workbook
from feewatch.sheets.workbooks import is_shortened
from feewatch.statements.dialects import Dialect
from feewatch.statements.model import FileReading, StatementFault

_ACCOUNTS = ("account", "counterparty_account", "payer_account", "payee_account")
_MONEY = ("out", "in", "amount", "balance")

Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class BankSheet:
    """The sheet of a workbook that is read."""

    lines: Lines
    is_full: bool  # it ends where its format ends
    others: tuple[str, ...]  # further sheets with content, which are not read
    formulas: Mapping[int, Sequence[int]]  # column from 0 -> lines whose value is computed


def open_sheet(content: bytes) -> BankSheet | Problem:
    """The first visible sheet that is not empty, or why there is none."""
    workbook = open_workbook(content)
    if isinstance(workbook, Problem):
        return workbook
    first, *others = workbook.sheets
    formulas = workbook.formulas(first)
    if isinstance(formulas, Problem):
        return formulas
    return BankSheet(
        list(enumerate(first.rows, 1)),
        workbook.is_full(first),
        tuple(sheet.name for sheet in others),
        formulas,
    )


def sheet_lines(content: bytes) -> Lines | Problem:
    """The lines of that sheet alone."""
    sheet = open_sheet(content)
    return sheet if isinstance(sheet, Problem) else sheet.lines


def remark(
    reading: FileReading, sheet: BankSheet, dialect: Dialect, keys: Sequence[str]
) -> FileReading:
    """The reading of a sheet with what its texts alone do not tell.

    ``keys``: the column names of the header. An account number that was kept as a number and has
    lost its end refuses the file; a sheet that is full is cut off; formulas and sheets left unread
    are noted.
    """
    lines = {line for each in reading.statements for line in each.rows.column("line")}
    problems = _shortened(sheet, lines, _columns(dialect, keys, _ACCOUNTS))
    if problems:
        return FileReading(reading.dialect, (), tuple(problems))
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
            statement.faults.insert(0, StatementFault("truncated", full))
    return reading


def unread(sheet: BankSheet) -> Problem:
    """That only one sheet of several is read."""
    names = "、".join(sheet.others)
    zh, en = f"只读取第一个工作表,未读:{names}", f"only the first sheet is read, not: {names}"
    return Problem("WORKBOOK-SHEETS", Text(zh, en))


def _columns(dialect: Dialect, keys: Sequence[str], fields: Sequence[str]) -> dict[int, str]:
    """The columns of these fields: place -> name."""
    names = {name for field in fields for name in dialect.columns.get(field, ())}
    return {place: key for place, key in enumerate(keys) if key in names}


def _shortened(sheet: BankSheet, lines: set[int], columns: Mapping[int, str]) -> list[Problem]:
    found = []
    for number, values in sheet.lines if columns else ():
        for place, name in columns.items():
            if number in lines and place < len(values) and is_shortened(values[place]):
                zh = f"“{name}”以数字保存,超过 15 位的部分已丢失;请以文本格式导出"
                en = f"{name} was kept as a number and has lost its last digits: export it as text"
                found.append(Problem("TABLE-CELL", Text(zh, en), line=number, column=name))
    return found


def _formulas(sheet: BankSheet, lines: set[int], columns: Mapping[int, str]) -> list[Problem]:
    found = []
    for place, name in columns.items():
        computed = [line for line in sheet.formulas.get(place, ()) if line in lines]
        if computed:
            zh = f"“{name}”有 {len(computed)} 个单元格是公式,不是银行原始导出"
            en = f"{len(computed)} cells of {name} are formulas: not as the bank exported it"
            text = Text(zh, en)
            found.append(Problem("WORKBOOK-FORMULA", text, line=computed[0], column=name))
    return found
