"""Input faults are values: where, what was found, what was expected, with a stable code."""

from dataclasses import dataclass
from typing import Any

from feewatch.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input file, phrased for the clerk who has to mend it.

    ``line`` counts from 1 in the file as it lies on disk (for XML: the element's line);
    ``column`` is a column name or a 1-based number. ``value`` is never set for cells that may
    hold personal data.
    """

    code: str
    message: Text
    file: str = ""
    line: int | None = None
    column: str | int | None = None
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's form: line, column, code, message (Chinese / English)."""
        shown: dict[str, Any] = {
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "message": self.message.both(),
        }
        if self.value is not None:
            shown["value"] = self.value
        return shown
