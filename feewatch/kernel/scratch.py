"""Many records held outside memory, column by column, until they are gone through in order."""

import marshal
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO, Any, Generic, TypeVar

Record = TypeVar("Record", bound=tuple[Any, ...])

#: So many records wait in memory until they are put away together.
_TOGETHER = 4096


def making(kind: type[Record]) -> Callable[[Iterable[Any]], Record]:
    """Makes named tuples of their values as ``kind._make`` does, of which there are enough.

    Without a step in Python, of which a million rows would feel each.
    """
    return partial(tuple.__new__, kind)


class Scratch:
    """A temporary file that is closed with the last that lies in it."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - see below
        weakref.finalize(self, self._file.close)
        self._end = 0

    def put(self, columns: Iterable[Any]) -> list[int]:
        """Put columns away, one after another: where the first begins, and where each ends."""
        self._file.seek(self._end)
        ends = [self._end]
        for column in columns:
            ends.append(ends[-1] + self._file.write(marshal.dumps(column)))
        self._end = ends[-1]
        return ends

    def get(self, start: int, end: int) -> Any:
        """A column by where it begins and ends."""
        self._file.seek(start)
        return marshal.loads(self._file.read(end - start))  # noqa: S302 - our own


class Packed(Generic[Record]):
    """Named tuples of one kind in the order in which they came: of plain values alone."""

    def __init__(self, kind: type[Record]) -> None:
        """``kind``: of the tuples."""
        self._make = making(kind)
        self._scratch: Scratch | None = None
        self._away: list[tuple[int, int]] = []
        self._last: list[Record] = []

    def append(self, record: Record) -> None:
        """Put a record behind the others."""
        self._last.append(record)
        if len(self._last) == _TOGETHER:
            self._scratch = self._scratch or Scratch()
            start, end = self._scratch.put([list(zip(*self._last, strict=True))])
            self._away.append((start, end))
            self._last = []

    def __iter__(self) -> Iterator[Record]:
        """The records in order."""
        for start, end in self._away:
            assert self._scratch is not None
            yield from map(self._make, zip(*self._scratch.get(start, end), strict=True))
        yield from self._last

    def __len__(self) -> int:
        """How many."""
        return len(self._away) * _TOGETHER + len(self._last)
