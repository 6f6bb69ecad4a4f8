"""Reads bank tables (CSV, TXT, sheets) by a declarative layout: head lines, rows, foot lines."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from feewatch.kernel.days import Day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements import cells
from feewatch.statements.dialects import Dialect, column_key
from feewatch.statements.encoding import CUT
from feewatch.statements.model import Fault, Reading, Row, Statement
from feewatch.statements.proof import covered_days, currency_code, in_order, prove
from feewatch.statements.rows import CellFault, RowReader, Told

#: The header stands within so many lines of the top, and is no longer than this.
_HEADER_WITHIN = 100
_LONGEST_HEADER = 200

Line = tuple[int, list[str]]


class TableError(Exception):
    """The text is no table; carries the problem."""

    def __init__(self, line: int, cause: csv.Error) -> None:
        super().__init__(str(cause))
        text = Text(f"引号或分隔有误:{cause}", f"quotes or separators: {cause}")
        self.problem = Problem("TABLE-SYNTAX", text, line=line)


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


def csv_lines(text: str, delimiter: str = ",") -> Iterator[Line]:
    """(line number, cells) of a text; a quoted cell may span lines, so the first one counts.

    Raises: TableError where a quote never closes or a cell is too long to be one.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as cause:
            raise TableError(number, cause) from None


def find_header(lines: Iterable[Line], dialect: Dialect) -> int | None:
    """The line on which a layout's header stands."""
    try:
        for count, (number, values) in enumerate(lines):
            if count >= _HEADER_WITHIN:
                return None
            if dialect.likeness([column_key(each) for each in values[:_LONGEST_HEADER]]):
                return number
    except TableError:
        return None
    return None


def read_table(
    lines: Iterable[Line], header: int, dialect: Dialect, *, is_cut: bool = False
) -> Reading:
    """The statements of a table: one an account, in the order in which accounts appear.

    ``is_cut``: the last line has no end, so that it may be half a row.
    """
    reader = _TableReader(dialect)
    try:
        for number, values in lines:
            if number == header:
                reader.take_header(number, values)
            elif any(values):
                reader.take(number, values)
    except TableError as fault:
        return Reading(dialect.id, (), (fault.problem,))
    return reader.finish(is_cut=is_cut)


def ends_open(text: str) -> bool:
    """Whether the last line of a text has no end."""
    return text[-1:] not in ("\n", "\r", "")


class _TableReader:
    """Goes through the lines once; columns are known once the header was seen."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._header: list[str] = []
        self._reader: RowReader | None = None
        self._head = Head()
        self._head_names = {word: name for name, words in dialect.head.items() for word in words}
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._names: dict[str, str | None] = {}
        self._problems: list[Problem] = []
        self._last: tuple[int, list[str], tuple[str, str] | None] | None = None

    def take_header(self, number: int, values: list[str]) -> None:
        self._header, self._reader = values, RowReader(self._dialect, values)
        keys = [column_key(each) for each in values]
        twice = {key for key in keys if key and keys.count(key) > 1}
        if twice:
            names = "、".join(sorted(twice))
            text = Text(f"表头列名重复:{names}", f"the header repeats columns: {names}")
            self._problems.append(Problem("TABLE-HEADER", text, line=number))

    def take(self, number: int, values: list[str]) -> None:
        """Take a line: a row, the header again, or a line outside the table."""
        if self._reader is None:
            self._take_outside(number, values)
        elif values != self._header:
            self._last = number, values, self._take_under(self._reader, number, values)

    def _take_under(
        self, reader: RowReader, number: int, values: list[str]
    ) -> tuple[str, str] | None:
        """The account and currency of the row that a line under the header is, if it is one."""
        told = reader.told(values)
        if self._head_name(values[0]) or not reader.is_row(told):
            self._take_outside(number, values)
            return None
        try:
            row, key = reader.row(number, told), self._key(told)
        except CellFault as fault:
            self._fault(number, fault.field, fault.zh, fault.en)
            return None
        self._rows.setdefault(key, []).append(row)
        if key[0] not in self._names:
            self._names[key[0]] = cells.word(told.account_name)
        return key

    def _key(self, told: Told) -> tuple[str, str]:
        """Account and currency of a row, by its own cells or by the head."""
        try:
            account = cells.account(told.account) or self._head.account
        except ValueError as cause:
            zh, en = f"已变成数字,末位丢失:{cause}", f"a number that has lost its end: {cause}"
            raise CellFault("account", zh, en) from None
        if not account:
            raise CellFault("account", "缺账号", "the account number is missing")
        currency = told.currency or self._head.currency or self._dialect.currency
        return account, currency_code(currency or "")

    def _head_name(self, first: str) -> str | None:
        return self._head_names.get(column_key(first).rstrip(":"))

    def _take_outside(self, number: int, values: list[str]) -> None:
        filled = [each.strip() for each in values if each.strip()]
        name = self._head_name(filled[0]) if filled else None
        if name is None or len(filled) < 2:
            return
        try:
            self._take_head(name, filled[1:], values)
        except ValueError:
            quoted = cells.shown(",".join(filled))
            self._fault(number, name, f"无法读取:{quoted}", f"cannot be read: {quoted}")

    def _take_head(self, name: str, told: list[str], values: list[str]) -> None:
        head = self._head
        if name == "period":
            first, last = cells.find_days(" ".join(told))
            head.period = first, last
        elif name == "opening":
            head.opening_fen = cells.amount(told[0])
        elif name == "closing":
            head.closing_fen = cells.amount(told[0])
        elif name == "account":
            head.account = cells.account(told[0])
        elif name == "account_name":
            head.account_name = cells.word(told[0])
        elif name == "currency":
            head.currency = told[0]
        elif name == "totals" and self._reader is not None:
            sums = self._reader.told(values)
            head.totals = cells.amount(sums.out) or 0, cells.amount(sums.into) or 0

    def _fault(self, line: int, name: str, zh: str, en: str) -> None:
        column = next(iter(self._dialect.columns.get(name, (name,))))
        text = Text(f"“{column}”{zh}", f"{column}: {en}")
        self._problems.append(Problem("TABLE-CELL", text, line=line, column=column))

    def _take_back_cut_row(self) -> Problem | None:
        """What is wrong with the last line, where it is a row cut in two; it is no row then."""
        if self._last is None:
            return None
        number, values, key = self._last
        is_whole = len(values) >= len(self._header) and CUT not in values[-1]
        if is_whole or not values[0].strip("='\" \t")[:1].isdigit():
            return None
        self._problems = [each for each in self._problems if each.line != number]
        if key is not None:
            self._rows[key].pop()
            if not self._rows[key]:
                del self._rows[key]
        text = Text("文件不完整,末行被截断", "the file is cut off inside its last row")
        return Problem("TABLE-CUT", text, line=number)

    def finish(self, *, is_cut: bool) -> Reading:
        """What all the lines come to."""
        cut = self._take_back_cut_row() if is_cut else None
        if self._problems:
            return Reading(self._dialect.id, (), tuple(self._problems))
        if not self._rows:
            return self._finish_empty()
        statements = [
            self._statement(n, account, currency, rows)
            for n, ((account, currency), rows) in enumerate(self._rows.items(), 1)
        ]
        if cut is not None:
            last = max(statements, key=lambda each: max(row.line for row in each.rows))
            last.faults.insert(0, Fault("truncated", cut))
        return Reading(self._dialect.id, tuple(statements))

    def _finish_empty(self) -> Reading:
        """A period without entries is a statement where the head tells whose and when."""
        head = self._head
        if head.account and head.period:
            currency = head.currency or self._dialect.currency or "CNY"
            empty = self._statement(1, head.account, currency, [])
            return Reading(self._dialect.id, (empty,))
        text = Text(
            "没有一行明细,也没有账号和起止日期", "no rows, and no account and period either"
        )
        return Reading(self._dialect.id, (), (Problem("TABLE-EMPTY", text),))

    def _statement(self, n: int, account: str, currency: str, rows: list[Row]) -> Statement:
        head = self._head
        alone = len(self._rows) < 2  # balances and totals outside the table are of one account
        opening = head.opening_fen if alone else None
        closing = head.closing_fen if alone else None
        rows = in_order(rows, opening)
        if rows and opening is None and rows[0].balance_fen is not None:
            opening = rows[0].balance_fen - rows[0].amount_fen
        if closing is None:
            closing = rows[-1].balance_fen if rows else opening
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
        told = " / ".join(format_yuan(each) for each in (*stated, out, into))
        text = Text(f"合计与明细不符:{told}", f"control totals differ from the rows: {told}")
        statement.faults.append(Fault("arithmetic", Problem("STATEMENT-TOTALS", text)))
        gap = (stated[1] - stated[0]) - (into - out)
        statement.difference_fen = statement.difference_fen or gap
