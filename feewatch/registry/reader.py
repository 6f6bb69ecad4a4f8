"""A register file -> its good rows as records, and every fault of the others, all at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.registry.cells import PERSONAL, CellFault, student, visible
from feewatch.registry.columns import Column, Kind
from feewatch.registry.kinds import faults_of
from feewatch.registry.personal import has_number_of_a_person, header_key, role_of_header
from feewatch.registry.profile import Profile
from feewatch.registry.recognition import find_table, own_column
from feewatch.registry.records import Record
from feewatch.registry.sheet import RegisterSheet
from feewatch.sheets.tables import TableRow
from feewatch.sheets.workbooks import is_shortened

_UNKNOWN_COLUMN = Text("未知的列，内容未导入", "unknown column, not imported")
_PERSONAL_COLUMN = Text("个人信息列，内容已舍弃，未导入", "personal data, dropped and not imported")
UNPROVEN = Text(
    "此列方案未经真实文件验证，请核对各列含义",
    "this column profile was not tried on a real file: check what the columns mean",
)
_EMPTY = CellFault("CELL-EMPTY", Text("不能为空", "is empty"))
LOSSY = CellFault(
    "CELL-DIGITS",
    Text(
        "以数字保存，超过 15 位的部分已失真；请改为文本格式",
        "a number cell of more than 15 digits has lost its end: format it as text",
    ),
)


class GoodRow(NamedTuple):
    """A row that the file alone gives no reason to refuse."""

    line: int
    record: Record


@dataclass(frozen=True)
class RegisterReading:
    """What a file comes to. With ``refused`` filled nothing of it could be read as rows."""

    kind: Kind
    file: str
    rows: list[GoodRow] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)  # each makes its row bad
    warnings: list[Problem] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    #: The file's table, without what its personal columns held.
    sheet: RegisterSheet | None = None
    #: For each cell of a row the column it belongs to, None where the kind knows none.
    layout: tuple[Column | None, ...] = ()
    profile: Profile | None = None
    #: Columns by name under the headers of the file, where a profile was needed to tell them.
    headers: Mapping[str, str] = field(default_factory=dict)

    def begun_anew(self) -> "RegisterReading":
        """The same, to whose rows and faults more may be said that is not said of this one."""
        return replace(
            self, rows=[*self.rows], faults=[*self.faults], warnings=[*self.warnings],
            refused=[*self.refused],
        )  # fmt: skip

    @property
    def fields_told(self) -> frozenset[str]:
        """Fields of the record of which the file, or its profile, says something."""
        constants = self.profile.constants if self.profile else ()
        filled = {column.fills for column in self.layout if column}
        return frozenset(filled | {c.fills for c in self.kind.columns if c.name in constants})

    @cached_property
    def _places(self) -> dict[str | int | None, int]:
        named = enumerate(self.layout)
        return {self.headers.get(c.name, c.name): n for n, c in named if c}

    def place_of(self, problem: Problem) -> int | None:
        """The cell of a row that a problem is of, counted from 0; None where the file has none."""
        return None if isinstance(problem.column, int) else self._places.get(problem.column)

    def problem(
        self, line: int, column: str, fault: CellFault, value: str | None = None
    ) -> Problem:
        """A fault of one cell, its column named in both languages and as the file names it."""
        zh = next((each.zh for each in self.kind.columns if each.name == column), column)
        shown = self.headers.get(column)
        message = Text(f"{shown or zh}:{fault.message.zh}", f"{column}: {fault.message.en}")
        return Problem(fault.code, message, self.file, line, shown or column, value)


def read_register(
    kind: Kind, data: bytes, file: str, profiles: Sequence[Profile] = ()
) -> RegisterReading:
    """The rows and faults of a file; ``file`` is its name in the problems.

    A file without the register's own headers is read by the profile that recognises it.
    """
    table = find_table(kind, data, profiles)
    if isinstance(table, Problem):
        return RegisterReading(kind, file, refused=[replace(table, file=file)])
    profile, sheet = table.profile, table.sheet
    layout = lay_out(kind, sheet, profile)
    headers = {
        column.name: sheet.header.cells[index].strip()
        for index, column in enumerate(layout)
        if column and profile
    }
    missing = _faults_of_header(kind, sheet, profile, layout, file)
    unknown, personal = _strangers(sheet, profile, layout, file)
    if table.unread:
        unknown.append(replace(table.unread, file=file))
    if profile and not profile.proven:
        unknown.append(Problem("PROFILE-UNPROVEN", UNPROVEN, file, sheet.header.line))
    sheet = sheet.without(personal)
    reading = RegisterReading(
        kind, file, [], [], unknown, missing, sheet, tuple(layout), profile, headers
    )
    if not missing:
        _read_rows(reading, sheet)
        _refuse_contradictions(reading)
    return reading


def lay_out(kind: Kind, sheet: RegisterSheet, profile: Profile | None) -> list[Column | None]:
    """The column that each cell of a row belongs to, None where the kind knows none."""
    if profile is None:
        return [own_column(kind, header) for header in sheet.header.cells]
    keys = [header_key(each) for each in sheet.header.cells]
    by_key = {}
    for column in kind.columns:
        first = next((each for each in profile.headers_of(column) if each in keys), None)
        if first:
            by_key[first] = column
    return [by_key.get(key) for key in keys]


def _faults_of_header(
    kind: Kind,
    sheet: RegisterSheet,
    profile: Profile | None,
    layout: list[Column | None],
    file: str,
) -> list[Problem]:
    def fault(code: str, column: Column, zh: str, en: str) -> Problem:
        return Problem(code, Text(zh, en), file, sheet.header.line, column.name)

    constants = profile.constants if profile else {}
    missing = [
        fault("COLUMN-MISSING", column, *_missing(column, profile))
        for column in kind.columns
        if column.must_stand and column not in layout and column.name not in constants
    ]
    return missing + [
        fault(
            "COLUMN-TWICE",
            told_column,
            f"列重复：{told_column.zh}",
            f"the column {told_column.name} stands twice",
        )
        for told_column in kind.columns
        if layout.count(told_column) > 1
    ]


def _missing(column: Column, profile: Profile | None) -> tuple[str, str]:
    zh, en = f"缺少必需的列：{column.zh}", f"the column {column.name} is missing"
    if column.read is student:
        zh += "；含姓名的文件请先用 feewatch tokenize 生成学员标识"
        en += "; of a file with names, feewatch tokenize makes it"
    elif profile and column.name in profile.columns:
        zh += f"（文件中可称 {'、'.join(profile.columns[column.name])}）"
    return zh, en


def _strangers(
    sheet: RegisterSheet, profile: Profile | None, layout: list[Column | None], file: str
) -> tuple[list[Problem], set[int]]:
    """What is said of columns that the kind does not know, and which of them are personal."""
    role_of = profile.role_of if profile else role_of_header
    problems, personal = [], set()
    for index, header in enumerate(sheet.header.cells):
        if layout[index] is not None or not (header.strip() or _is_used(sheet, index)):
            continue
        if role_of(header):
            personal.add(index)
            code, text = "COLUMN-PERSONAL", _PERSONAL_COLUMN
        else:
            code, text = "COLUMN-UNKNOWN", _UNKNOWN_COLUMN
        shown = _header_shown(sheet, index) if any(layout) else index + 1
        problems.append(Problem(code, text, file, sheet.header.line, shown))
    return problems, personal


def _header_shown(sheet: RegisterSheet, index: int) -> str | int:
    """A header as it stands; its number where it is empty or no header but somebody's number."""
    header = sheet.header.cells[index].strip()
    return index + 1 if not header or has_number_of_a_person(header) else header[:100]


def _is_used(sheet: RegisterSheet, index: int) -> bool:
    return any(len(row.cells) > index and row.cells[index].strip() for row in sheet.rows)


def _read_rows(reading: RegisterReading, sheet: RegisterSheet) -> None:
    for row in sheet.rows:
        _refuse_too_long(reading, row)
    columns = [_values(reading, sheet, column) for column in reading.kind.columns]
    bad = {fault.line for fault in reading.faults}
    for row, values in zip(sheet.rows, zip(*columns, strict=True), strict=True):
        if row.line not in bad:
            _accept(reading, row.line, reading.kind.make(values))


def _values(reading: RegisterReading, sheet: RegisterSheet, column: Column) -> list[Any]:
    """The column's value in every row, each distinct text read once; faults join the reading's."""
    profile = reading.profile
    if column not in reading.layout:
        constant = profile.constants.get(column.name, "") if profile else ""
        return [_value(column, normalise(constant))] * len(sheet.rows)
    place = reading.layout.index(column)
    texts = [row.cells[place] if place < len(row.cells) else "" for row in sheet.rows]
    known = {raw: _read(column, profile, raw) for raw in set(texts)}
    values = [known[raw] for raw in texts]
    if any(type(value) is CellFault for value in known.values()):
        reading.faults.extend(
            _problem_of(reading, row.line, column, value, raw)
            for row, value, raw in zip(sheet.rows, values, texts, strict=True)
            if type(value) is CellFault
        )
    return values


def _read(column: Column, profile: Profile | None, raw: str) -> Any:
    if is_shortened(raw):
        return LOSSY
    cell = normalise(raw)
    return _value(column, profile.translate(column, cell) if profile else cell)


def _value(column: Column, cell: str) -> Any:
    if cell:
        return visible(cell) or column.read(cell)
    return _EMPTY if column.must_be_filled else column.when_empty


def _accept(reading: RegisterReading, line: int, record: Record) -> None:
    has_rules = reading.kind.ordered or reading.kind.is_compared
    faults = list(faults_of(reading.kind, record)) if has_rules else ()
    if faults:
        reading.faults.extend(reading.problem(line, column.name, fault) for column, fault in faults)
    else:
        reading.rows.append(GoodRow(line, record))


def _refuse_too_long(reading: RegisterReading, row: TableRow) -> None:
    width = len(reading.layout)
    if len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
        message = Text("单元格多于表头", "the row has more cells than the header")
        reading.faults.append(Problem("ROW-LONG", message, reading.file, row.line, width + 1))


def _problem_of(
    reading: RegisterReading, line: int, column: Column, fault: CellFault, raw: str
) -> Problem:
    hidden = not raw or fault.code == PERSONAL or column.name == "student"
    value = None if hidden or has_number_of_a_person(raw) else raw[:100]
    return reading.problem(line, column.name, fault, value)


def _refuse_contradictions(reading: RegisterReading) -> None:
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


def _contradiction(reading: RegisterReading, row: GoodRow, rows: Sequence[GoodRow]) -> Problem:
    others = ", ".join(str(each.line) for each in rows if each.line != row.line)
    fault = CellFault(
        "KEY-TWICE",
        Text(f"同一主键与第 {others} 行内容不同", f"line {others} says otherwise of the same key"),
    )
    column = reading.kind.column_of(reading.kind.key[-1])
    value = str(getattr(row.record, column.fills)) if column.name != "valid_from" else None
    return reading.problem(row.line, column.name, fault, value)
