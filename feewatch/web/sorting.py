"""Tables that a person sorts by the heads of their columns: ``?sort=NAME``, ``-NAME`` downwards."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from feewatch.web.forms import read_choice

Row = TypeVar("Row")


def sort_rows(rows: Iterable[Row], columns: Mapping[str, Callable[[Row], Any]]) -> list[Row]:
    """The rows as the address asks for them, what is unknown last; as they are where it does not.

    Raises: InvalidInputError for a column that is none.
    """
    asked = read_choice("sort", [*columns, *(f"-{name}" for name in columns)])
    listed = list(rows)
    if not asked:
        return listed
    value = columns[asked.removeprefix("-")]
    known = [row for row in listed if value(row) is not None]
    known.sort(key=value, reverse=asked.startswith("-"))
    return known + [row for row in listed if value(row) is None]
