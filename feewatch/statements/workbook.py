"""Sheets of Excel workbooks (XLSX, XLS) as lines of cells, and what the cells alone do not tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.opening import open_workbook
from feewatch.sheets.workbooks import is_shortened
from feewatch.statements.dialects import Dialect
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.refusals import whole_or_each

_ACCOUNTS = ("account", "counterparty_account", "payer_account", "payee_account")
_MONEY = ("out", "in", "amount", "balance")

Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class BankSheet:
    """A sheet of a workbook."""

    name: str
    lines: Lines
    is_full: bool  # it ends where its format ends
    formulas: Mapping[int, Sequence[int]]  # column from 0 -> lines whose value is computed


@dataclass(frozen=True)
class BankWorkbook:
    """The visible sheets of a workbook that hold anything, at least one."""

    sheets: tuple[BankSheet, ...]
    hidden: tuple[str, ...]  # others that hold something


def open_sheets(content: bytes) -> BankWorkbook | Problem:
    """The sheets of a workbook, or why there are none."""
    workbook = open_workbook(content)
    if isinstance(workbook, Problem):
        return workbook
    sheets = []
    for sheet in workbook.sheets:
        formulas = workbook.formulas(sheet)
        if isinstance(formulas, Problem):
            return formulas
        lines = list(enumerate(map(_plain, sheet.rows), 1))
        sheets.append(BankSheet(sheet.name, lines, workbook.is_full(sheet), formulas))
    return BankWorkbook(tuple(sheets), workbook.hidden)


def _plain(cells: list[str]) -> list[str]:
    """Cells without the ``="…"`` that has a spreadsheet take digits for a text."""
    if not any(cell.startswith('="') for cell in cells):
        return cells
    return [cell[2:-1] if cell[:2] == '="' and cell[-1:] == '"' else cell for cell in cells]


def merged(parts: Sequence[tuple[str, FileReading]], unread: Sequence[Problem]) -> FileReading:
    """What the sheets of a workbook come to together, each by its name.

    ``unread``: notes on other sheets. A sheet whose account cannot be told refuses the file.
    """
    first = parts[0][1]
    is_alone = len(parts) == 1
    problems = [
        problem if is_alone else _on_sheet(problem, name)
        for name, reading in parts
        for problem in reading.problems
    ]
    dialects = {reading.dialect for _, reading in parts}
    if len(dialects) > 1:
        names = "、".join(name for name, _ in parts)
        text = Text(
            f"各工作表的版式不同，请分开导出：{names}",
            f"sheets of several layouts: export each by itself: {names}",
        )
        problems.append(Problem("WORKBOOK-LAYOUTS", text))
    if problems:
        return FileReading(first.dialect, (), (*problems, *unread), first.header)
    statements: list[Statement] = []
    for name, reading in parts:
        for statement in reading.statements:
            statement.n = len(statements) + 1
            statement.notes.extend(unread)
            if not is_alone:
                _say_sheet(statement, name)
            statements.append(statement)
    return replace(whole_or_each(first.dialect or "", statements), header=first.header)


def _say_sheet(statement: Statement, name: str) -> None:
    """Name the sheet in all that is said of a statement: lines count in each from 1."""
    statement.faults = [
        StatementFault(fault.kind, _on_sheet(fault.problem, name)) for fault in statement.faults
    ]
    text = Text(f"在工作表“{name}”中，行号按该表计", f"on the sheet {name}, whose lines are meant")
    statement.notes.append(Problem("WORKBOOK-SHEET", text))


def _on_sheet(problem: Problem, name: str) -> Problem:
    zh, en = problem.message
    text = Text(f"工作表“{name}”：{zh}", f"sheet {name}: {en}")
    return replace(problem, message=text)


def remark(
    reading: FileReading, sheet: BankSheet, dialect: Dialect, keys: Sequence[str]
) -> FileReading:
    """The reading of a sheet with what its texts alone do not tell.

    ``keys``: the column names of the header. An account number that was kept as a number and has
    lost its end refuses the file; a sheet that is full is cut off; formulas are noted.
    """
    lines = {line for each in reading.statements for line in each.rows.column("line")}
    problems = _shortened(sheet, lines, _columns(dialect, keys, _ACCOUNTS))
    if problems:
        return FileReading(reading.dialect, (), tuple(problems))
    notes = _formulas(sheet, lines, _columns(dialect, keys, _MONEY))
    for statement in reading.statements:
        statement.notes.extend(notes)
        if sheet.is_full:
            text = Text(
                "XLS 已满 65536 行，可能被截断，请分段导出", "the XLS is full: export it in parts"
            )
            full = Problem("WORKBOOK-FULL", text, line=sheet.lines[-1][0])
            statement.faults.insert(0, StatementFault("truncated", full))
    return reading


def unread(read: Sequence[str], others: Sequence[str], hidden: Sequence[str]) -> list[Problem]:
    """That some sheets are not read."""
    notes = []
    if others:
        zh = f"读取的工作表：{'、'.join(read) or '无'}；没有明细表、未读：{'、'.join(others)}"
        en = f"sheets read: {', '.join(read) or 'none'}; without a table: {', '.join(others)}"
        notes.append(Problem("WORKBOOK-SHEETS", Text(zh, en)))
    if hidden:
        zh, en = f"隐藏的工作表未读：{'、'.join(hidden)}", f"hidden, not read: {', '.join(hidden)}"
        notes.append(Problem("WORKBOOK-HIDDEN", Text(zh, en)))
    return notes


def _columns(dialect: Dialect, keys: Sequence[str], fields: Sequence[str]) -> dict[int, str]:
    """The columns of these fields: place -> name."""
    names = {name for field in fields for name in dialect.columns.get(field, ())}
    return {place: key for place, key in enumerate(keys) if key in names}


def _shortened(sheet: BankSheet, lines: set[int], columns: Mapping[int, str]) -> list[Problem]:
    problems = []
    for number, values in sheet.lines if columns else ():
        for place, name in columns.items():
            if number in lines and place < len(values) and is_shortened(values[place]):
                zh = f"“{name}”以数字保存，超过 15 位的部分已丢失；请以文本格式导出"
                en = f"{name} was kept as a number and has lost its last digits: export it as text"
                problems.append(Problem("TABLE-CELL", Text(zh, en), line=number, column=name))
    return problems


def _formulas(sheet: BankSheet, lines: set[int], columns: Mapping[int, str]) -> list[Problem]:
    problems = []
    for place, name in columns.items():
        computed = [line for line in sheet.formulas.get(place, ()) if line in lines]
        if computed:
            zh = f"“{name}”有 {len(computed)} 个单元格是公式，不是银行原始导出"
            en = f"{len(computed)} cells of {name} are formulas: not as the bank exported it"
            text = Text(zh, en)
            problems.append(Problem("WORKBOOK-FORMULA", text, line=computed[0], column=name))
    return problems
