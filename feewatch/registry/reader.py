"""A register file -> its good rows as records, and every fault of the others, all at once."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.registry.cells import PERSONAL, Fault, visible
from feewatch.registry.kinds import Column, Kind, faults_of
from feewatch.registry.personal import has_number_of_a_person
from feewatch.registry.records import Record
from feewatch.registry.sheet import Sheet, SheetError, SheetRow, read_sheet

_EMPTY = Fault("CELL-EMPTY", Text("不能为空", "is empty"))
_LOSSY = Fault(
    "CELL-DIGITS",
    Text(
        "数字单元格超过 15 位,末位已失真,请改为文本格式",
        "a number cell of more than 15 digits has lost its end: format it as text",
    ),
)


class GoodRow(NamedTuple):
    """A row that the file alone gives no reason to refuse."""

    line: int
    record: Record


@dataclass(frozen=True)
class Reading:
    """What a file comes to. With ``refused`` filled nothing of it could be read as rows."""

    kind: Kind
    file: str
    rows: list[GoodRow] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)  # each makes its row bad
    warnings: list[Problem] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    sheet: Sheet | None = None
    #: For each cell of a row the column it belongs to, None where the kind knows none.
    layout: tuple[Column | None, ...] = ()

    @property
    def fields_told(self) -> frozenset[str]:
        """Fields of the record of which the file has a column."""
        return frozenset(column.fills for column in self.layout if column)

    def problem(self, line: int, column: str, fault: Fault, value: str | None = None) -> Problem:
        """A fault of one cell, its column named in both languages."""
        zh = next((each.zh for each in self.kind.columns if each.name == column), column)
        message = Text(f"{zh}:{fault.message.zh}", f"{column}: {fault.message.en}")
        return Problem(fault.code, message, self.file, line, column, value)


def read_register(kind: Kind, data: bytes, file: str) -> Reading:
    """The rows and faults of a file; ``file`` is its name in the problems."""
    try:
        sheet = read_sheet(data)
    except SheetError as fault:
        found = fault.problem
        return Reading(kind, file, refused=[Problem(found.code, found.message, file, found.line)])
    layout, missing, unknown = _layout(kind, sheet, file)
    reading = Reading(
        kind, file, refused=missing, warnings=unknown, sheet=sheet, layout=tuple(layout)
    )
    if not missing:
        _read_rows(reading, sheet)
        _refuse_contradictions(reading)
    return reading


def _layout(
    kind: Kind, sheet: Sheet, file: str
) -> tuple[list[Column | None], list[Problem], list[Problem]]:
    by_header = {header: column for column in kind.columns for header in column.headers}
    line, headers = sheet.header.line, [normalise(each).lower() for each in sheet.header.cells]
    layout = [by_header.get(header) for header in headers]
    refused = [
        Problem(
            "COLUMN-MISSING",
            Text(f"缺少必需的列:{column.zh}", f"the column {column.name} is missing"),
            file,
            line,
            column.name,
        )
        for column in kind.columns
        if column.must_stand and column not in layout
    ]
    refused += [
        Problem(
            "COLUMN-TWICE",
            Text(f"列重复:{column.zh}", f"the column {column.name} stands twice"),
            file,
            line,
            column.name,
        )
        for column in kind.columns
        if layout.count(column) > 1
    ]
    unknown = [
        Problem(
            "COLUMN-UNKNOWN",
            Text("未知的列,内容未导入", "unknown column, not imported"),
            file,
            line,
            _header_shown(sheet, index) if any(layout) else index + 1,
        )
        for index, column in enumerate(layout)
        if column is None and (headers[index] or _is_used(sheet, index))
    ]
    return layout, refused, unknown


def _header_shown(sheet: Sheet, index: int) -> str | int:
    """A header as it stands; its number where it is empty or no header but somebody's number."""
    header = sheet.header.cells[index].strip()
    return index + 1 if not header or has_number_of_a_person(header) else header[:100]


def _is_used(sheet: Sheet, index: int) -> bool:
    return any(len(row.cells) > index and row.cells[index].strip() for row in sheet.rows)


def _read_rows(reading: Reading, sheet: Sheet) -> None:
    for row in sheet.rows:
        _refuse_too_long(reading, row)
    columns = [_values(reading, sheet, column) for column in reading.kind.columns]
    bad = {fault.line for fault in reading.faults}
    for row, values in zip(sheet.rows, zip(*columns, strict=True), strict=True):
        if row.line not in bad:
            _accept(reading, row.line, reading.kind.make(values))


def _values(reading: Reading, sheet: Sheet, column: Column) -> list[Any]:
    """The column's value in every row, each distinct text read once; faults join the reading's."""
    if column not in reading.layout:
        return [_value(column, "")] * len(sheet.rows)
    place = reading.layout.index(column)
    texts = [row.cells[place] if place < len(row.cells) else "" for row in sheet.rows]
    known = {raw: _value(column, normalise(raw)) for raw in set(texts)}
    values = [known[raw] for raw in texts]
    if sheet.lossy:
        lossy = [(row.line, place) in sheet.lossy for row in sheet.rows]
        values = [_LOSSY if lost else value for value, lost in zip(values, lossy, strict=True)]
    if sheet.lossy or any(type(value) is Fault for value in known.values()):
        reading.faults.extend(
            _problem_of(reading, row.line, column, value, raw)
            for row, value, raw in zip(sheet.rows, values, texts, strict=True)
            if type(value) is Fault
        )
    return values


def _value(column: Column, cell: str) -> Any:
    if cell:
        return visible(cell) or column.read(cell)
    return _EMPTY if column.must_be_filled else column.when_empty


def _accept(reading: Reading, line: int, record: Record) -> None:
    faults = list(faults_of(reading.kind, record)) if reading.kind.ordered else ()
    if faults:
        reading.faults.extend(reading.problem(line, column.name, fault) for column, fault in faults)
    else:
        reading.rows.append(GoodRow(line, record))


def _refuse_too_long(reading: Reading, row: SheetRow) -> None:
    width = len(reading.layout)
    if len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
        message = Text("单元格多于表头", "the row has more cells than the header")
        reading.faults.append(Problem("ROW-LONG", message, reading.file, row.line, width + 1))


def _problem_of(reading: Reading, line: int, column: Column, fault: Fault, raw: str) -> Problem:
    hidden = not raw or fault.code == PERSONAL or column.name == "student"
    value = None if hidden or has_number_of_a_person(raw) else raw[:100]
    return reading.problem(line, column.name, fault, value)


def _refuse_contradictions(reading: Reading) -> None:
    """Take out rows of one key that do not say the same; rows of a kind that adds up may differ."""
    if reading.kind.rows_add_up:
        return
    of_key: dict[tuple[Any, ...], list[GoodRow]] = defaultdict(list)
    for row in reading.rows:
        of_key[reading.kind.key_of(row.record)].append(row)
    contradicting = [
        rows for rows in of_key.values() if any(row.record != rows[0].record for row in rows)
    ]
    for rows in contradicting:
        reading.faults.extend(_contradiction(reading, row, rows) for row in rows)
    refused = {row.line for rows in contradicting for row in rows}
    if refused:
        reading.rows[:] = [row for row in reading.rows if row.line not in refused]


def _contradiction(reading: Reading, row: GoodRow, rows: Sequence[GoodRow]) -> Problem:
    others = ", ".join(str(each.line) for each in rows if each.line != row.line)
    fault = Fault(
        "KEY-TWICE",
        Text(f"同一主键与第 {others} 行内容不同", f"line {others} says otherwise of the same key"),
    )
    column = reading.kind.column_of(reading.kind.key[-1])
    value = str(getattr(row.record, column.fills)) if column.name != "valid_from" else None
    return reading.problem(row.line, column.name, fault, value)


def rejected_csv(reading: Reading, faults: Collection[Problem]) -> bytes:
    """The bad rows with their original columns, then line, code and reason; UTF-8 with mark.

    Cells refused as personal data are left out.
    """
    assert reading.sheet is not None
    of_line: dict[int, list[Problem]] = defaultdict(list)
    for fault in faults:
        if fault.line is not None:
            of_line[fault.line].append(fault)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*reading.sheet.header.cells, "line", "code", "reason"])
    width = len(reading.sheet.header.cells)
    for row in reading.sheet.rows:
        if row.line in of_line:
            found = of_line[row.line]
            cells = (_without_personal(reading, row, found) + [""] * width)[:width]
            writer.writerow([*cells, row.line, *_joined(found)])
    return out.getvalue().encode("utf-8-sig")


def _joined(faults: Iterable[Problem]) -> tuple[str, str]:
    each = list(faults)
    return "; ".join(f.code for f in each), "; ".join(f.message.both() for f in each)


def _without_personal(reading: Reading, row: SheetRow, faults: Iterable[Problem]) -> list[str]:
    personal = {fault.column for fault in faults if fault.code == PERSONAL}
    return [
        "" if column and column.name in personal else cell
        for column, cell in zip(reading.layout, row.cells, strict=False)
    ]
