"""One line of a bank's table -> one row, by the columns of its layout."""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.statements import cells
from feewatch.statements.dialects import Dialect, column_key
from feewatch.statements.model import Row


class Told(NamedTuple):
    """The cells of a line by what they mean; empty where the table has no such column."""

    account: str
    account_name: str
    currency: str
    booked_on: str
    booked_time: str
    value_on: str
    out: str
    into: str
    amount: str
    direction: str
    balance: str
    counterparty: str
    counterparty_account: str
    reference: str
    reversal: str
    memo: str


#: The fields of a layout in the order of ``Told``, but for the memo, which may be of many columns.
_FIELDS = tuple("in" if name == "into" else name for name in Told._fields[:-1])


class CellFault(Exception):
    """A cell that cannot be read: the field it fills, and why."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.field, self.zh, self.en = field, zh, en


class RowReader:
    """Reads the lines under one header."""

    def __init__(self, dialect: Dialect, header: Sequence[str]) -> None:
        self._dialect = dialect
        self._width = len(header)
        keys = [column_key(each) for each in header]
        places = {
            field: [keys.index(alias) for alias in aliases if alias in keys]
            for field, aliases in dialect.columns.items()
        }
        # the last of the padded cells stands for every column that the file does not have
        self._pick = itemgetter(*((places.get(field) or [-1])[0] for field in _FIELDS))
        self._memo = places.get("memo") or [-1]

    def told(self, values: Sequence[str]) -> Told:
        """The cells of a line, however short."""
        padded = [*values, *[""] * (max(self._width - len(values), 0) + 1)]
        memo = padded[self._memo[0]]
        if len(self._memo) > 1:
            memo = " ".join(padded[at] for at in self._memo if cells.word(padded[at]))
        return Told._make((*self._pick(padded), memo))

    def is_row(self, told: Told) -> bool:
        """Whether a line has money in it or at least a readable day."""
        if told.balance or told.into or told.out or told.amount:
            return any(map(str.strip, (told.balance, told.into, told.out, told.amount)))
        try:
            cells.day_and_time(told.booked_on)
        except ValueError:
            return False
        return True

    def row(self, number: int, told: Told) -> Row:
        """The row of a line.

        Raises: CellFault for the first cell that cannot be read.
        """
        booked_on, booked_time = _moment("booked_on", told.booked_on)
        value_on = _moment("value_on", told.value_on)[0] if cells.word(told.value_on) else None
        amount_fen, is_red = self._amount(told)
        mark = cells.word(told.reversal)
        return Row(
            number,
            booked_on,
            cells.time(told.booked_time) or booked_time,
            value_on,
            amount_fen,
            _fen("balance", told.balance),
            cells.word(told.counterparty),
            cells.word(told.counterparty_account),
            cells.word(told.memo),
            cells.word(told.reference),
            is_red or (mark is not None and mark in self._dialect.reversal_marks),
        )

    def _amount(self, told: Told) -> tuple[int, bool]:
        """Signed fen, and whether a negative cell makes the row a correction."""
        single = _fen("amount", told.amount)
        if single is not None:
            return self._directed(told, single)
        out, into = _fen("out", told.out), _fen("in", told.into)
        if out and into:
            raise CellFault("in", "借贷两栏都有金额", "both money out and money in are filled")
        if out is None and into is None:
            zh, en = "借贷两栏都没有金额", "neither money out nor money in is filled"
            raise CellFault("out", zh, en)
        out, into = out or 0, into or 0
        return into - out, out < 0 or into < 0

    def _directed(self, told: Told, single: int) -> tuple[int, bool]:
        if "direction" not in self._dialect.columns:
            return single, False
        word = cells.word(told.direction) or ""
        if any(each in word for each in self._dialect.in_words):
            return single, single < 0
        if any(each in word for each in self._dialect.out_words):
            return -single, single < 0
        quoted = cells.shown(word)
        raise CellFault("direction", f"收支方向不明:{quoted}", f"no direction: {quoted}")


def _fen(field: str, text: str) -> int | None:
    try:
        return cells.amount(text)
    except ValueError as cause:
        raise CellFault(field, f"不是金额:{cause}", f"not an amount: {cause}") from None


def _moment(field: str, text: str) -> tuple[Day, str | None]:
    try:
        return cells.day_and_time(text)
    except ValueError as cause:
        raise CellFault(field, f"不是日期:{cause}", f"not a day: {cause}") from None
