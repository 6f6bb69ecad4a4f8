"""A long list is shown page by page, fifty rows each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: Sequence[Any]
    total: int
    number: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))


def slice_of(number: int) -> tuple[int, int]:
    """How many rows the page of a number has, and how many come before it."""
    return PAGE_SIZE, (number - 1) * PAGE_SIZE
