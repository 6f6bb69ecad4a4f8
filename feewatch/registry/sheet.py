"""The table of a register within a file: its header and rows, wherever they begin."""

from collections.abc import Collection
from typing import NamedTuple

from feewatch.sheets.tables import TableRow


class RegisterSheet(NamedTuple):
    """A header and the rows below it that are not empty."""

    header: TableRow
    rows: list[TableRow]

    def without(self, columns: Collection[int]) -> "RegisterSheet":
        """The sheet with the cells of some columns emptied; their headers stay."""
        if not columns:
            return self
        rows = [
            row._replace(cells=["" if n in columns else cell for n, cell in enumerate(row.cells)])
            for row in self.rows
        ]
        return self._replace(rows=rows)
