"""Reads bank tables (CSV, TXT) by a declarative layout: head lines, rows, foot lines."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from feewatch.kernel.days import Day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements import cells
from feewatch.statements.dialects import Dialect, column_key
from feewatch.statements.model import Fault, Reading, Row, Statement
from feewatch.statements.proof import covered_days, in_order, prove

#: The header stands within so many lines of the top.
_HEADER_WITHIN = 100
#: A line with at most so many filled cells is no row of the table.
_FEW = 2

Line = tuple[int, list[str]]


@dataclass
class Head:
    """What stands outside the table."""

    account: str | None = None
    account_name: str | None = None
    currency: str | None = None
    period: tuple[Day, Day] | None = None
    opening_fen: int | None = None
    closing_fen: int | None = None
    totals: tuple[int, int] | None = None  # out, in
    problems: list[Problem] = field(default_factory=list)


def csv_lines(text: str, delimiter: str = ",") -> Iterator[Line]:
    """(line number, cells) of a text; a quoted cell may span lines, so the first one counts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return


def find_header(lines: Iterable[Line], dialect: Dialect) -> int | None:
    """The line on which a layout's header stands."""
    for count, (number, values) in enumerate(lines):
        names = {column_key(each) for each in values}
        if all(each in names for each in dialect.recognise):
            return number
        if count >= _HEADER_WITHIN:
            return None
    return None


def read_table(lines: Iterable[Line], header: int, dialect: Dialect) -> Reading:
    """The statements of a table: one an account, in the order in which accounts appear."""
    reader = _TableReader(dialect)
    for number, values in lines:
        if number == header:
            reader.take_header(number, values)
        elif any(values):
            reader.take(number, values)
    return reader.finish()


class _TableReader:
    """Goes through the lines once; columns are known once the header was seen."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._at: dict[str, list[int]] = {}
        self._head = Head()
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._names: dict[str, str | None] = {}
        self._problems: list[Problem] = []

    def take_header(self, number: int, values: Sequence[str]) -> None:
        keys = [column_key(each) for each in values]
        for name, aliases in self._dialect.columns.items():
            self._at[name] = [keys.index(alias) for alias in aliases if alias in keys]
        twice = {key for key in keys if key and keys.count(key) > 1}
        if twice:
            names = "、".join(sorted(twice))
            text = Text(f"表头列名重复:{names}", f"the header repeats columns: {names}")
            self._problems.append(Problem("TABLE-HEADER", text, line=number))

    def take(self, number: int, values: list[str]) -> None:
        if self._at and self._take_row(number, values):
            return
        self._take_outside(number, values)

    def _take_row(self, number: int, values: list[str]) -> bool:
        """Whether the line is a row of the table; its faults are noted."""
        first = column_key(values[0])
        if sum(1 for each in values if each.strip()) <= _FEW or self._is_head(first):
            return False
        row = self._row(number, values)
        if row is not None:
            account = self._cell(values, "account") or self._head.account or ""
            account = "".join(account.split()).replace("-", "")
            currency = self._cell(values, "currency") or self._dialect.currency or ""
            self._rows.setdefault((account, currency.strip()), []).append(row)
            self._names.setdefault(account, cells.word(self._cell(values, "account_name")))
            if not account:
                self._fault(number, "account", "缺账号", "the account number is missing")
        return True

    def _is_head(self, first: str) -> bool:
        return any(first in words for words in self._dialect.head.values())

    def _row(self, number: int, values: list[str]) -> Row | None:
        try:
            booked_on, booked_time = cells.day_and_time(self._cell(values, "booked_on"))
        except ValueError as cause:
            self._fault(number, "booked_on", f"不是日期:{cause}", f"not a day: {cause}")
            return None
        signed = self._amount(number, values)
        if signed is None:
            return None
        amount_fen, reversal = signed
        try:
            balance_fen = cells.amount(self._cell(values, "balance"))
        except ValueError as cause:
            self._fault(number, "balance", f"不是金额:{cause}", f"not an amount: {cause}")
            return None
        mark = cells.word(self._cell(values, "reversal"))
        return Row(
            number,
            booked_on,
            cells.time(self._cell(values, "booked_time")) or booked_time,
            None,
            amount_fen,
            balance_fen,
            cells.word(self._cell(values, "counterparty")),
            cells.word(self._cell(values, "counterparty_account")),
            cells.word(" ".join(self._cells(values, "memo"))),
            cells.word(self._cell(values, "reference")),
            reversal or (mark is not None and mark in self._dialect.reversal_marks),
        )

    def _amount(self, number: int, values: list[str]) -> tuple[int, bool] | None:
        """Signed fen, and whether a negative cell makes the row a correction."""
        sides: dict[str, int | None] = {}
        for side in ("out", "in", "amount"):
            try:
                sides[side] = cells.amount(self._cell(values, side))
            except ValueError as cause:
                self._fault(number, side, f"不是金额:{cause}", f"not an amount: {cause}")
                return None
        out, into, single = sides["out"], sides["in"], sides["amount"]
        if single is not None:
            return self._directed(number, values, single)
        if out and into:
            self._fault(number, "in", "借贷两栏都有金额", "both money out and money in are filled")
            return None
        if out is None and into is None:
            self._fault(
                number, "out", "借贷两栏都没有金额", "neither money out nor money in is filled"
            )
            return None
        signed = (into or 0) - (out or 0)
        return signed, (out or 0) < 0 or (into or 0) < 0

    def _directed(self, number: int, values: list[str], single: int) -> tuple[int, bool] | None:
        if "direction" not in self._dialect.columns:
            return single, False
        told = cells.word(self._cell(values, "direction")) or ""
        if any(each in told for each in self._dialect.in_words):
            return single, single < 0
        if any(each in told for each in self._dialect.out_words):
            return -single, single < 0
        self._fault(number, "direction", f"收支方向不明:{told}", f"no direction: {told}")
        return None

    def _take_outside(self, number: int, values: list[str]) -> None:
        head, filled = self._head, [each.strip() for each in values if each.strip()]
        name = next(
            (
                name
                for name, words in self._dialect.head.items()
                if column_key(filled[0]).rstrip(":") in words
            ),
            None,
        )
        try:
            if name == "period":
                head.period = cells.day(filled[1]), cells.day(filled[2])
            elif name == "opening":
                head.opening_fen = cells.amount(filled[1])
            elif name == "closing":
                head.closing_fen = cells.amount(filled[1])
            elif name == "totals" and self._at:
                out, into = self._cell(values, "out"), self._cell(values, "in")
                head.totals = cells.amount(out) or 0, cells.amount(into) or 0
            elif name in ("account", "account_name", "currency"):
                setattr(head, name, filled[1])
        except (ValueError, IndexError):
            assert name is not None
            self._fault(number, name, f"无法读取:{filled}", f"cannot be read: {filled}")

    def _cell(self, values: list[str], name: str) -> str:
        return next(iter(self._cells(values, name)), "")

    def _cells(self, values: list[str], name: str) -> list[str]:
        return [values[at] for at in self._at.get(name, ()) if at < len(values)]

    def _fault(self, line: int, name: str, zh: str, en: str) -> None:
        column = next(iter(self._dialect.columns.get(name, (name,))))
        self._problems.append(
            Problem(
                "TABLE-CELL", Text(f"“{column}”{zh}", f"{column}: {en}"), line=line, column=column
            )
        )

    def finish(self) -> Reading:
        if self._problems:
            return Reading(self._dialect.id, (), tuple(self._problems))
        if not self._rows:
            return self._finish_empty()
        alone = len(self._rows) == 1
        statements = [
            self._statement(n, account, currency, rows, alone)
            for n, ((account, currency), rows) in enumerate(self._rows.items(), 1)
        ]
        return Reading(self._dialect.id, tuple(statements))

    def _finish_empty(self) -> Reading:
        """A period without entries is a statement where the head tells whose and when."""
        head = self._head
        if head.account and head.period:
            rows: list[Row] = []
            currency = head.currency or self._dialect.currency or "CNY"
            empty = self._statement(1, head.account, currency, rows, alone=True)
            return Reading(self._dialect.id, (empty,))
        text = Text(
            "没有一行明细,也没有账号和起止日期", "no rows, and no account and period either"
        )
        return Reading(self._dialect.id, (), (Problem("TABLE-EMPTY", text),))

    def _statement(
        self, n: int, account: str, currency: str, rows: list[Row], alone: bool
    ) -> Statement:
        rows = in_order(rows)
        head = self._head
        opening = head.opening_fen if alone else None
        closing = head.closing_fen if alone else None
        if rows and opening is None and rows[0].balance_fen is not None:
            opening = rows[0].balance_fen - rows[0].amount_fen
        if rows and closing is None:
            closing = rows[-1].balance_fen
        if not rows:
            closing = opening if closing is None else closing
        days = covered_days(rows, head.period, None, None)
        assert days is not None
        name = self._names.get(account) or head.account_name
        statement = Statement(n, account, name, currency, *days, opening, closing, rows)
        prove(statement)
        if alone:
            self._prove_totals(statement)
        return statement

    def _prove_totals(self, statement: Statement) -> None:
        """Control totals of the foot are compared before they are dropped."""
        stated = self._head.totals
        if stated is None or not any(stated):
            return
        out = -sum(row.amount_fen for row in statement.rows if row.amount_fen < 0)
        into = sum(row.amount_fen for row in statement.rows if row.amount_fen > 0)
        if stated == (out, into):
            return
        shown = " / ".join(format_yuan(each) for each in (*stated, out, into))
        text = Text(f"合计与明细不符:{shown}", f"control totals differ from the rows: {shown}")
        statement.faults.append(Fault("arithmetic", Problem("STATEMENT-TOTALS", text)))
        gap = (stated[1] - stated[0]) - (into - out)
        statement.difference_fen = statement.difference_fen or gap
