"""CSV that leaves the program: no cell of it is a formula, and reading it again gives what it was.

Spreadsheets run a cell that begins like a formula. A single quote before it keeps it a text, as a
person would type it; it is taken off again when the file comes back.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

#: Beginnings that a spreadsheet runs, full-width forms included, behind quotes that are there yet.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def quoted(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unquoted(cell: str) -> str:
    """A cell as it was before ``quoted``."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV that a spreadsheet opens as it is: UTF-8 with mark, no formulas."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([quoted(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
