"""Which table of a file is the register's: on which sheet, below which line, under whose headers.

Covers and titles above the header are passed over; which sheets were not read is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import normalise
from feewatch.registry.columns import Column, Kind
from feewatch.registry.personal import header_key
from feewatch.registry.profile import Profile
from feewatch.registry.sheet import RegisterSheet
from feewatch.sheets.quoting import unquoted
from feewatch.sheets.tables import FileTable, TableRow, read_tables, unread_sheets

#: The header stands within so many filled rows of the top of its sheet.
_HEADER_WITHIN = 21
#: Sheets of the templates that help to fill them in: name -> rows that they have of their own.
SAMPLE_SHEET, NOTES_SHEET = "示例 sample", "说明 notes"
_ROWS_OF_SAMPLE = 2


@dataclass(frozen=True)
class RegisterTable:
    """The register's table; no profile where it stands under the register's own headers."""

    profile: Profile | None
    sheet: RegisterSheet
    unread: Problem | None  # which further sheets hold something


def find_table(kind: Kind, content: bytes, profiles: Sequence[Profile]) -> RegisterTable | Problem:
    """The first table of a file that has the register's own headers, or those of a profile.

    Where none has, the one that comes nearest to the own headers, so that what is missing can be
    said of it. A problem where the bytes are no table at all.
    """
    tables = read_tables(content)
    if isinstance(tables, Problem):
        return tables
    of_kind = [profile for profile in profiles if profile.kind == kind.name]
    nearest, most = (tables[0], 0), 0
    for table, at, row in _tops(tables):
        own = _own_columns(kind, row)
        if all(column in own for column in kind.columns if column.must_stand):
            return _below(None, tables, table, at)
        profile = _fitting(of_kind, row)
        if profile:
            return _below(profile, tables, table, at)
        if len(own) > most:
            nearest, most = (table, at), len(own)
    return _below(None, tables, *nearest)


def own_column(kind: Kind, header: str) -> Column | None:
    """The column that the register itself has under a header."""
    key = normalise(header).lower()
    return next((column for column in kind.columns if key in column.headers), None)


def _tops(tables: Sequence[FileTable]) -> Iterator[tuple[FileTable, int, TableRow]]:
    for table in tables:
        for at, row in enumerate(table.rows[:_HEADER_WITHIN]):
            yield table, at, row


def _own_columns(kind: Kind, row: TableRow) -> set[Column]:
    columns = (own_column(kind, cell) for cell in row.cells)
    return {column for column in columns if column}


def _fitting(profiles: Sequence[Profile], row: TableRow) -> Profile | None:
    """Of several the one that asks for most headers, of those the one loaded last."""
    keys = {header_key(cell) for cell in row.cells}
    fitting = [profile for profile in profiles if profile.recognise <= keys]
    return max(reversed(fitting), key=lambda each: len(each.recognise)) if fitting else None


def _below(
    profile: Profile | None, tables: Sequence[FileTable], table: FileTable, at: int
) -> RegisterTable:
    rows = table.rows[at + 1 :]
    if profile:
        rows = [row for row in rows if not profile.is_foot(row)]
    others = [each.name for each in tables if each is not table and not _helps(each)]
    unread = unread_sheets(table.name, others) if others else None
    sheet = RegisterSheet(_unquoted(table.rows[at]), [_unquoted(row) for row in rows])
    return RegisterTable(profile, sheet, unread)


def _unquoted(row: TableRow) -> TableRow:
    """A row of rejects that comes back mended."""
    return row._replace(cells=[unquoted(cell) for cell in row.cells])


def _helps(table: FileTable) -> bool:
    """Whether a sheet is one that the template brought along and nobody has used."""
    is_sample = table.name == SAMPLE_SHEET and len(table.rows) <= _ROWS_OF_SAMPLE
    return is_sample or table.name == NOTES_SHEET
