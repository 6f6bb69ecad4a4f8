"""Opens a workbook of any kind (XLSX, XLS) once it was found harmless: all its filled sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from feewatch.kernel.problems import Problem
from feewatch.sheets import old_workbooks, workbooks
from feewatch.sheets.formulas import formula_lines
from feewatch.sheets.harmless import OLE_MAGIC, ZIP_MAGIC, look_through
from feewatch.sheets.workbooks import FilledSheet

MAGIC = (ZIP_MAGIC, OLE_MAGIC)
#: An old workbook ends here, whether or not the data do.
_MOST_ROWS_OF_XLS = 65_536


@dataclass(frozen=True)
class Workbook:
    """The visible sheets of a workbook that hold anything, in their order; at least one."""

    sheets: tuple[FilledSheet, ...]
    is_old: bool
    _content: bytes = field(repr=False)
    _computed: frozenset[str] = field(repr=False)  # parts that may hold formulas
    hidden: tuple[str, ...] = ()  # names of sheets that hold something and are not visible

    def is_full(self, sheet: FilledSheet) -> bool:
        """Whether a sheet ends where its format ends, so that it may be cut off."""
        return self.is_old and len(sheet.rows) >= _MOST_ROWS_OF_XLS - 1

    def formulas(self, sheet: FilledSheet) -> Mapping[int, Sequence[int]] | Problem:
        """Columns of a sheet, from 0, with the lines, from 1, whose value is computed."""
        try:
            return formula_lines(self._content, sheet.name, self._computed)
        except expat.ExpatError:
            return workbooks.damaged()


def open_workbook(content: bytes) -> Workbook | Problem:
    """The filled sheets of bytes that begin as a workbook, or why there are none."""
    computed = look_through(content)
    if isinstance(computed, Problem):
        return computed
    is_old = content.startswith(OLE_MAGIC)
    sheets = old_workbooks.read_sheets(content) if is_old else workbooks.read_sheets(content)
    if isinstance(sheets, Problem):
        return sheets
    return Workbook(tuple(sheets.filled), is_old, content, computed, tuple(sheets.hidden))
