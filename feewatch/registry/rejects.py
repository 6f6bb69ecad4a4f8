"""Rows that were refused, as a file to mend and import again: the same columns, then the reasons.

Cells that hold or may hold personal data are left out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.registry.cells import PERSONAL
from feewatch.registry.personal import has_number_of_a_person
from feewatch.registry.reader import RegisterReading
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.sheets.quoting import write_csv
from feewatch.sheets.tables import TableRow

#: Beyond so many notes spreadsheets grow slow; the reason column says the same.
_MAX_NOTES = 2_000
_ADDED = ("行号 line", "代码 code", "原因 reason")


class Reject(NamedTuple):
    """A row with its cells as they may be shown, and what is wrong with it."""

    line: int
    cells: list[str]
    faults: list[Problem]


def list_rejects(reading: RegisterReading, faults: Collection[Problem]) -> list[Reject]:
    """The bad rows in the order of the file, each as wide as the header."""
    assert reading.sheet is not None
    of_line: dict[int, list[Problem]] = defaultdict(list)
    for fault in faults:
        if fault.line is not None:
            of_line[fault.line].append(fault)
    return [
        Reject(row.line, _shown(reading, row, of_line[row.line]), of_line[row.line])
        for row in reading.sheet.rows
        if row.line in of_line
    ]


def rejected_csv(reading: RegisterReading, faults: Collection[Problem]) -> bytes:
    """The bad rows with their original columns, then line, code and reason; UTF-8 with mark."""
    assert reading.sheet is not None
    rows = [
        [*row.cells, str(row.line), *_joined(row.faults)] for row in list_rejects(reading, faults)
    ]
    return write_csv([[*reading.sheet.header.cells, "line", "code", "reason"], *rows])


def rejected_xlsx(reading: RegisterReading, faults: Collection[Problem]) -> bytes:
    """The same as a workbook in which each bad cell is marked and carries its reason as a note."""
    assert reading.sheet is not None
    columns = [*reading.layout, None, None, None]
    header = [Cell(each) for each in (*reading.sheet.header.cells, *_ADDED)]
    rows = [header, *_marked(reading, list_rejects(reading, faults))]
    return write_workbook([WorkbookPage(f"{reading.kind.zh} {reading.kind.name}", rows, columns)])


def _marked(reading: RegisterReading, rejects: Iterable[Reject]) -> Iterator[list[Cell]]:
    notes = _MAX_NOTES
    for row in rejects:
        reasons: dict[int, list[str]] = defaultdict(list)
        for fault in row.faults:
            index = reading.place_of(fault)
            if index is not None:
                reasons[index].append(fault.message.both())
        cells = [
            Cell(text, "\n".join(reasons[n]) if notes > 0 else "", is_bad=True)
            if n in reasons
            else Cell(text)
            for n, text in enumerate(row.cells)
        ]
        notes -= len(reasons)
        yield [*cells, Cell(str(row.line)), *(Cell(each) for each in _joined(row.faults))]


def _joined(faults: Iterable[Problem]) -> tuple[str, str]:
    listed = list(faults)
    return "; ".join(f.code for f in listed), "; ".join(f.message.both() for f in listed)


def _shown(reading: RegisterReading, row: TableRow, faults: list[Problem]) -> list[str]:
    personal = {reading.place_of(fault) for fault in faults if fault.code == PERSONAL}
    suspect = {reading.place_of(fault) for fault in faults}
    suspect |= {n for n, column in enumerate(reading.layout) if column is None}
    width = len(reading.layout)
    return [
        "" if n in personal or (n in suspect and has_number_of_a_person(cell)) else cell
        for n, cell in enumerate([*row.cells, *[""] * width][:width])
    ]
