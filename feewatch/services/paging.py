"""A long list is shown page by page, fifty rows each; a file of it is written in larger pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

PAGE_SIZE = 50
#: Rows that a file of a whole list reads at once.
FILE_PAGE_SIZE = 5000
_for_file: ContextVar[bool] = ContextVar("for_file", default=False)


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


def slice_of(number: int, size: int = PAGE_SIZE) -> tuple[int, int]:
    """How many rows the page of a number has, and how many come before it."""
    size = FILE_PAGE_SIZE if _for_file.get() else size
    return size, (number - 1) * size


@contextmanager
def in_large_pages() -> Iterator[None]:
    """Lists inside the block are read in pages for a file, not for a screen."""
    token = _for_file.set(True)
    try:
        yield
    finally:
        _for_file.reset(token)
