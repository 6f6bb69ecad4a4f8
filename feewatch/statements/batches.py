"""Many lines of a bank's table at once, column by column: what is the same in all is done once.

Gives up where a cell is out of the ordinary; then each line is read by itself (``rows.py``), which
comes to the same values and says what is wrong.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar
from unicodedata import is_normalized

from feewatch.statements import cells
from feewatch.statements.columns import Block
from feewatch.statements.rows import BankCellFault, RowReader

T = TypeVar("T")
Cells = Sequence[str]

_AMOUNT = r"(?:-?[0-9]{1,12}\.[0-9]{2})?"
_AMOUNTS = re.compile(rf"(?:{_AMOUNT}\n)*+{_AMOUNT}").fullmatch
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_TIMES = re.compile(rf"(?:{_TIME}\n)*+{_TIME}").fullmatch
#: White space that the stored form of texts, one a line, does not keep.
_ODD_SPACES = ("  ", " \n", "\n ")
_DASHES = "-—*"
#: So many cells tell whether a column repeats itself.
_TELLING = 256


class UnusualLine(Exception):
    """A line that must be read by itself."""


class Batch(NamedTuple):
    """Rows by column, and what each line says of its account."""

    block: Block
    accounts: list[str]
    names: Cells | None
    currencies: list[str]


class BatchReader:
    """Reads many lines under one header, each as long as the header."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._places = reader.places

    @property
    def is_possible(self) -> bool:
        """Whether a line's cells are told apart without looking at other cells of the line."""
        return not self._reader.has_parties and len(self._reader.memo_places) == 1

    def read(self, numbers: Sequence[int], columns: Sequence[Cells]) -> Batch:
        """The rows of lines given by column.

        Raises: Unusual.
        """
        try:
            return self._read(numbers, columns)
        except (ValueError, BankCellFault):
            raise UnusualLine from None

    def _read(self, numbers: Sequence[int], columns: Sequence[Cells]) -> Batch:
        reader, count = self._reader, len(numbers)

        def column(field: str) -> Cells | None:
            place = self._places[field]
            return None if place < 0 else columns[place]

        def words(cells_of_column: Cells | None) -> list[str | None]:
            return [None] * count if cells_of_column is None else texts(cells_of_column)

        moments = _each(reader.booked_moment, columns[self._places["booked_on"]])
        days, times = map(list, zip(*moments, strict=True))
        if (cells_of_column := column("booked_time")) is not None:
            own = _times(cells_of_column)
            times = [a or b for a, b in zip(own, times, strict=True)]
        cells_of_column = column("value_on")
        value_days = (
            [None] * count if cells_of_column is None else _each(reader.value_day, cells_of_column)
        )
        amounts_fen, reds = self._amounts(column, count)
        balances = column("balance")
        memo = reader.memo_places[0]
        marks = column("reversal")
        block = (
            list(numbers), days, times, value_days, amounts_fen,
            [None] * count if balances is None else _amounts(balances),
            words(column("counterparty")), words(column("counterparty_account")),
            words(None if memo < 0 else columns[memo]), words(column("reference")),
            reds if marks is None
            else [a or b for a, b in zip(reds, _each(reader.is_marked, marks), strict=True)],
        )  # fmt: skip
        accounts, currencies = column("account"), column("currency")
        return Batch(
            block,
            [""] * count if accounts is None else _each(cells.account, accounts),
            column("account_name"),
            [""] * count if currencies is None else list(currencies),
        )

    def _amounts(
        self, column: Callable[[str], Cells | None], count: int
    ) -> tuple[list[int], list[bool]]:
        """Signed fen, and whether a negative cell makes the row a correction."""
        single = column("amount")
        if single is not None:
            return self._directed(_amounts(single), column("direction"))
        told_out, told_in = column("out"), column("in")
        outs = [None] * count if told_out is None else _amounts(told_out)
        ins = [None] * count if told_in is None else _amounts(told_in)
        signed = [(b or 0) - (a or 0) for a, b in zip(outs, ins, strict=True)]
        for a, b in zip(outs, ins, strict=True):
            if (a is None and b is None) or (a and b):
                raise UnusualLine
        if "-" not in "".join((*(told_out or ()), *(told_in or ()))):
            return signed, [False] * count
        reds = [(a or 0) < 0 or (b or 0) < 0 for a, b in zip(outs, ins, strict=True)]
        return signed, reds

    def _directed(
        self, singles: list[int | None], words: Cells | None
    ) -> tuple[list[int], list[bool]]:
        known = [each for each in singles if each is not None]
        if len(known) < len(singles):
            raise UnusualLine
        if "direction" not in self._reader.dialect.columns:
            sign = -1 if self._reader.dialect.reversed else 1
            return [sign * each for each in known], [False] * len(known)
        if words is None:
            raise UnusualLine
        sides = _each(self._reader.side_by_word, words)
        return [a * b for a, b in zip(known, sides, strict=True)], [each < 0 for each in known]


def _each(read: Callable[[str], T], values: Cells) -> list[T]:
    """What the cells mean, each different one read once."""
    known = {cell: read(cell) for cell in set(values)}
    return list(map(known.__getitem__, values))


def _amounts(values: Cells) -> list[int | None]:
    text = "\n".join(values)
    if _AMOUNTS(text):
        digits = text.replace(".", "").split("\n")
        if len(digits) == len(values):
            return [int(each) if each else None for each in digits]
    return [cells.amount(each) for each in values]


def _times(values: Cells) -> Sequence[str | None]:
    text = "\n".join(values)
    if _TIMES(text) and text.count("\n") == len(values) - 1:
        return values
    return _each(cells.time, values)


def texts(values: Cells) -> list[str | None]:
    """The stored form of texts, None where a cell is empty or only dashes."""
    some = values[:_TELLING]
    if len(set(some)) * 2 < len(some):
        return _each(cells.word, values)
    if are_stored(values):
        return [each if each and each[0] not in _DASHES else cells.word(each) for each in values]
    return [cells.word(each) for each in values]


def are_stored(values: Cells) -> bool:
    """Whether texts have the stored form already, so that none need be looked at by itself."""
    joined = "".join(values)
    # of white space only the plain one is printable
    if not joined.isprintable() or not is_normalized("NFKC", joined):
        return False
    framed = "\n".join(("", *values, ""))
    return not any(each in framed for each in _ODD_SPACES)


def split_by(keys: Sequence[Hashable], block: Block) -> dict[Any, Block]:
    """The rows of each key, in the order in which keys appear."""
    if len(set(keys)) == 1:
        return {keys[0]: block}
    places: dict[Any, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    return {
        key: tuple([column[at] for at in lines] for column in block)
        for key, lines in places.items()
    }
