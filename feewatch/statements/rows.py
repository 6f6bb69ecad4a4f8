"""One line of a bank's table -> one row, by the columns of its layout."""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.text import normalise
from feewatch.statements import cells
from feewatch.statements.columns import StatedRow
from feewatch.statements.dialects import PARTIES, Dialect, column_key
from feewatch.statements.memos import parted, spaced


class RowCells(NamedTuple):
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
    payer: str
    payer_account: str
    payee: str
    payee_account: str
    balance: str
    counterparty: str
    counterparty_account: str
    reference: str
    reversal: str
    memo: str


#: The fields of a layout in the order of ``Told``, but for the memo, which may be of many columns.
_FIELDS = tuple("in" if name == "into" else name for name in RowCells._fields[:-1])


class BankCellFault(Exception):
    """A cell that cannot be read: the field it fills, and why."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.field, self.zh, self.en = field, zh, en


class RowReader:
    """Reads the lines under one header; ``own`` is the account that the head names."""

    def __init__(self, dialect: Dialect, header: Sequence[str], own: str | None = None) -> None:
        self.dialect, self._own = dialect, own
        self._width = len(header)
        keys = [column_key(each) for each in header]
        places = {
            field: [keys.index(alias) for alias in aliases if alias in keys]
            for field, aliases in dialect.columns.items()
        }
        used = {keys[at] for columns in places.values() for at in columns}
        self.doubled = sorted(key for key in used if keys.count(key) > 1)
        # the last of the padded cells stands for every column that the file does not have
        first = {field: (places.get(field) or [-1])[0] for field in _FIELDS}
        if dialect.reversed:
            first["out"], first["in"] = first["in"], first["out"]
        self.sides = first["out"], first["in"]
        self.has_accounts = first["account"] >= 0
        self.has_parties = all(first[each] >= 0 for each in PARTIES)
        self.places = first
        self._pick = itemgetter(*(first[field] for field in _FIELDS))
        self.memo_places = places.get("memo") or [-1]

    def told(self, values: Sequence[str]) -> RowCells:
        """The cells of a line, however short."""
        padded = [*values, *[""] * (max(self._width - len(values), 0) + 1)]
        memo = padded[self.memo_places[0]]
        if len(self.memo_places) > 1:
            memo = _joined([padded[at] for at in self.memo_places])
        return RowCells._make((*self._pick(padded), memo))

    def is_row(self, row: RowCells) -> bool:
        """Whether a line has money in it or at least a readable day."""
        if row.balance or row.into or row.out or row.amount:
            return any(map(str.strip, (row.balance, row.into, row.out, row.amount)))
        try:
            self.booked_moment(row.booked_on)
        except BankCellFault:
            return False
        return True

    def row(self, number: int, row: RowCells) -> StatedRow:
        """The row of a line.

        Raises: BankCellFault for the first cell that cannot be read.
        """
        booked_on, booked_time = self.booked_moment(row.booked_on)
        value_on = self.value_day(row.value_on)
        amount_fen, is_red = self._amount(row)
        if self.has_parties:
            row = self._with_counterparty(row)
        return StatedRow(
            number,
            booked_on,
            cells.time(row.booked_time) or booked_time,
            value_on,
            amount_fen,
            _fen("balance", row.balance),
            cells.word(row.counterparty),
            cells.word(row.counterparty_account),
            spaced(cells.word(row.memo) or "") or None,
            cells.word(row.reference),
            is_red or self.is_marked(row.reversal),
        )

    def booked_moment(self, cell: str) -> tuple[Day, str | None]:
        """Day and time of a cell.

        Raises: BankCellFault.
        """
        return self._moment("booked_on", cell)

    def value_day(self, cell: str) -> Day | None:
        """The value day of a cell, None where it is empty.

        Raises: BankCellFault.
        """
        return self._moment("value_on", cell)[0] if cells.word(cell) else None

    def is_marked(self, cell: str) -> bool:
        """Whether a cell holds a reversal mark of the layout."""
        return bool(cell) and normalise(cell) in self.dialect.reversal_marks

    def account(self, row: RowCells) -> str:
        """The account that a line itself names, empty where it names none.

        Raises: BankCellFault.
        """
        cell = row.account
        if self.has_parties and not self._own:
            cell = row.payee_account if self._side(row) > 0 else row.payer_account
        try:
            return cells.account(cell)
        except ValueError as cause:
            zh, en = f"已变成数字，末位丢失：{cause}", f"a number that has lost its end: {cause}"
            raise BankCellFault("account", zh, en) from None

    def _amount(self, row: RowCells) -> tuple[int, bool]:
        """Signed fen, and whether a negative cell makes the row a correction."""
        single = _fen("amount", row.amount)
        if single is not None:
            return self._directed(row, single)
        out, into = _fen("out", row.out), _fen("in", row.into)
        if out and into:
            raise BankCellFault("in", "借贷两栏都有金额", "both money out and money in are filled")
        if out is None and into is None:
            zh, en = "借贷两栏都没有金额", "neither money out nor money in is filled"
            raise BankCellFault("out", zh, en)
        out, into = out or 0, into or 0
        return into - out, out < 0 or into < 0

    def _directed(self, row: RowCells, single: int) -> tuple[int, bool]:
        if self.has_parties:  # the sign repeats what the parties tell
            is_out = self._side(row) < 0
            return (-abs(single), False) if is_out else (single, single < 0)
        if "direction" in self.dialect.columns:
            return single * self._side(row), single < 0
        return (-single if self.dialect.reversed else single), False

    def _side(self, row: RowCells) -> int:
        """1 for money in, -1 for money out, by the word and by which party the account is."""
        by_word = self._by_word(row.direction)
        parties = (row.payee_account, row.payer_account) if self._own else ("", "")
        is_payee, is_payer = (cells.account(each) == self._own for each in parties)
        by_party = is_payee - is_payer
        if (by_word or by_party) and by_word * by_party >= 0:
            return by_word or by_party
        raise _no_direction(row.direction)

    def side_by_word(self, cell: str) -> int:
        """1 for money in, -1 for money out, where the word alone tells.

        Raises: BankCellFault.
        """
        side = self._by_word(cell)
        if not side:
            raise _no_direction(cell)
        return side

    def _by_word(self, cell: str) -> int:
        word = cells.word(cell) or ""
        return any(direction_word in word for direction_word in self.dialect.in_words) - any(
            direction_word in word for direction_word in self.dialect.out_words
        )

    def _with_counterparty(self, row: RowCells) -> RowCells:
        is_in = self._side(row) > 0
        return row._replace(
            counterparty=row.payer if is_in else row.payee,
            counterparty_account=row.payer_account if is_in else row.payee_account,
        )

    def _moment(self, field: str, text: str) -> tuple[Day, str | None]:
        try:
            return cells.day_and_time(cells.year_first(text) if self.dialect.day_first else text)
        except ValueError as cause:
            raise BankCellFault(field, f"不是日期：{cause}", f"not a day: {cause}") from None


def _no_direction(cell: str) -> BankCellFault:
    quoted = cells.shown(cells.word(cell) or "")
    return BankCellFault("direction", f"收支方向不明：{quoted}", f"no direction: {quoted}")


def _joined(texts: Sequence[str]) -> str:
    """The texts once each: a bank repeats its summary as the purpose."""
    return parted(list(dict.fromkeys(each for each in map(cells.word, texts) if each)))


def _fen(field: str, text: str) -> int | None:
    try:
        return cells.amount(text)
    except ValueError as cause:
        raise BankCellFault(field, f"不是金额：{cause}", f"not an amount: {cause}") from None
