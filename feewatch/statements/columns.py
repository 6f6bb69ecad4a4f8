"""The rows of a statement held column by column, most of them outside memory where they are many.

Columns are checked and stored whole; a row is put together when it is asked for.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, overload

from feewatch.kernel.days import Day
from feewatch.kernel.scratch import Scratch, making


class StatedRow(NamedTuple):
    """One stated row. Texts are NFKC-normalised, None where the file does not tell or is empty."""

    line: int  # line in the file, or the line of the XML element
    booked_on: Day
    booked_time: str | None  # HH:MM:SS, bank time
    value_on: Day | None
    amount_fen: int  # in > 0, out < 0
    balance_fen: int | None
    counterparty: str | None
    counterparty_account: str | None
    memo: str | None
    reference: str | None  # the bank's id of the row; None where the format has only ordinals
    reversal: bool  # RC/RD, RvslInd or a reversal mark of the layout


_ROW = making(StatedRow)
#: The columns of some consecutive rows, in the order of the fields of ``Row``.
Block = tuple[list[Any], ...]

_BLOCK = 4096
#: Of one file so many rows stay in memory, and so many wait to fill a block.
_MOST_KEPT = 4 * _BLOCK
_MOST_WAITING = 4 * _BLOCK


class _Spilled(NamedTuple):
    """A block in a temporary file, its columns one after the other."""

    scratch: Scratch
    ends: list[int]  # where the first begins, and where each ends
    rows: int
    outer: tuple[StatedRow, StatedRow]  # the first and the last, which are asked for by themselves


class Spool:
    """Holds blocks of one file: the first in memory, the others in a temporary file."""

    def __init__(self) -> None:
        self._kept = 0
        self._scratch: Scratch | None = None

    def put(self, block: Block) -> Block | _Spilled:
        """The block as it is held from now on."""
        rows = len(block[0])
        if self._kept + rows <= _MOST_KEPT:
            self._kept += rows
            return block
        self._scratch = self._scratch or Scratch()
        outer = _row_of(block, 0), _row_of(block, rows - 1)
        return _Spilled(self._scratch, self._scratch.put(block), rows, outer)


def _row_of(block: Block, place: int) -> StatedRow:
    return StatedRow._make(column[place] for column in block)


def _load(held: Block | _Spilled) -> Block:
    if not isinstance(held, _Spilled):
        return held
    return tuple(_load_column(held, place) for place in range(len(held.ends) - 1))


def _load_column(held: Block | _Spilled, place: int) -> list[Any]:
    if not isinstance(held, _Spilled):
        return held[place]
    column: list[Any] = held.scratch.get(*held.ends[place : place + 2])
    return column


class Rows(Sequence[StatedRow]):
    """Rows that do not change, in blocks of columns."""

    def __init__(self, held: Sequence[Block | _Spilled] = ()) -> None:
        self._held = held
        self._is_forward: bool | None = None
        self._days: frozenset[Day] | None = None
        self._ends: list[int] = []
        for block in held:
            rows = block.rows if isinstance(block, _Spilled) else len(block[0])
            self._ends.append(rows + (self._ends[-1] if self._ends else 0))

    @classmethod
    def of(cls, rows: Iterable[StatedRow]) -> "Rows":
        """These rows."""
        if isinstance(rows, cls):
            return rows
        spool, rest, held = Spool(), iter(rows), []
        while some := list(islice(rest, _BLOCK)):
            held.append(spool.put(tuple(map(list, zip(*some, strict=True)))))
        return cls(held)

    def blocks(self) -> Iterator[Block]:
        """The rows in order, some thousands at a time."""
        return map(_load, self._held)

    def column(self, name: str) -> Iterator[Any]:
        """One field of every row, in order."""
        place = StatedRow._fields.index(name)
        return chain.from_iterable(_load_column(each, place) for each in self._held)

    def columns(self, *names: str) -> Iterator[Block]:
        """Some fields of every row, in order and some thousands at a time."""
        places = [StatedRow._fields.index(name) for name in names]
        for held in self._held:
            yield tuple(_load_column(held, place) for place in places)

    def days(self) -> frozenset[Day]:
        """The days on which rows are booked."""
        if self._days is None:
            self._days = frozenset(self.column("booked_on"))
        return self._days

    def is_forward(self) -> bool:
        """Whether no row is booked before the day of the row before it."""
        if self._is_forward is None:
            self._is_forward = self._look_forward()
        return self._is_forward

    def _look_forward(self) -> bool:
        last = None
        for (days,) in self.columns("booked_on"):
            if days != sorted(days) or (last is not None and days[0] < last):
                return False
            last = days[-1]
        return True

    def parts(self) -> "Iterator[Rows]":
        """The same rows in order, some thousands at a time."""
        return (Rows([each]) for each in self._held)

    def backwards(self) -> "Rows":
        """The same rows, the last one first."""
        spool = Spool()
        turned = (tuple(column[::-1] for column in _load(each)) for each in reversed(self._held))
        return Rows([spool.put(block) for block in turned])

    def without(self, name: str) -> "Rows":
        """The same rows, none of which tells this field."""
        spool, place = Spool(), StatedRow._fields.index(name)
        emptied = (
            (*block[:place], [None] * len(block[place]), *block[place + 1 :])
            for block in self.blocks()
        )
        return Rows([spool.put(block) for block in emptied])

    def __len__(self) -> int:
        """How many rows."""
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[StatedRow]:
        """The rows in order."""
        for block in self.blocks():
            yield from map(_ROW, zip(*block, strict=True))

    @overload
    def __getitem__(self, at: int) -> StatedRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[StatedRow]: ...
    def __getitem__(self, at: int | slice) -> StatedRow | list[StatedRow]:
        """The row at a place, or those of a slice."""
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step == 1:
                return list(islice(self, start, max(stop, start)))
            return [self[each] for each in range(start, stop, step)]
        place = at + len(self) if at < 0 else at
        start = 0
        for held, end in zip(self._held, self._ends, strict=True):
            if start <= place < end:
                if isinstance(held, _Spilled) and place in (start, end - 1):
                    return held.outer[place > start]
                return _row_of(_load(held), place - start)
            start = end
        raise IndexError(at)

    def __eq__(self, other: object) -> bool:
        """Whether another sequence holds the same rows."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """The rows, for failing tests."""
        return f"Rows.of({list(self)})"


class Builder:
    """Collects rows of several keys, as they stand in a file; a key's rows in their order."""

    def __init__(self, spool: Spool | None = None) -> None:
        """``spool``: that of the file, where it has several of these."""
        self._spool = spool or Spool()
        self._held: dict[tuple[str, str], list[Block | _Spilled]] = {}
        self._waiting: dict[tuple[str, str], list[Block]] = {}
        self._count = 0

    def list_keys(self) -> list[tuple[str, str]]:
        """The keys in the order in which they appeared."""
        return list(self._held)

    def add(self, key: tuple[str, str], block: Block) -> None:
        """Take in rows of a key."""
        self._held.setdefault(key, [])
        waiting = self._waiting.setdefault(key, [])
        waiting.append(block)
        self._count += len(block[0])
        if self._count >= _MOST_WAITING:
            for waiting_key in list(self._waiting):
                self._flush(waiting_key)

    def _flush(self, key: tuple[str, str]) -> None:
        waiting = self._waiting.pop(key, [])
        if waiting:
            block = tuple(list(chain.from_iterable(parts)) for parts in zip(*waiting, strict=True))
            self._count -= len(block[0])
            self._held[key].append(self._spool.put(block))

    def drop_last(self, key: tuple[str, str]) -> None:
        """Take back the last row of a key, and the key with its only one."""
        self._flush(key)
        last = tuple(column[:-1] for column in _load(self._held[key].pop()))
        if last[0]:
            self._held[key].append(last)
        if not self._held[key]:
            del self._held[key]

    def take(self, key: tuple[str, str]) -> Rows:
        """The rows of a key, which is forgotten."""
        self._flush(key)
        return Rows(self._held.pop(key, []))

    def rename(self, key: tuple[str, str], name: tuple[str, str]) -> None:
        """Give the rows of a key to another one, whose own they stand among by their lines."""
        if name not in self._held:
            self._flush(key)
            self._held = {name if each == key else each: rows for each, rows in self._held.items()}
            return
        both = heapq.merge(self.take(name), self.take(key))  # rows begin with their lines
        self._held[name] = list(Rows.of(both)._held)
