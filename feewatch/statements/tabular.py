"""Reads bank tables (CSV, TXT, sheets) by a declarative layout: head lines, rows, foot lines."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import CUT
from feewatch.sheets.lines import Lines, TableError
from feewatch.statements import cells
from feewatch.statements.batches import Batch, BatchReader, UnusualLine, split_by
from feewatch.statements.columns import Builder, Rows
from feewatch.statements.dialects import Dialect
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.outside import Outside, Unreadable, compare_controls
from feewatch.statements.proof import (
    covered_days,
    currency_code,
    has_two_orders,
    in_order,
    prove,
    prove_polarity,
)
from feewatch.statements.rows import BankCellFault, RowReader

#: Fewer lines are no quicker together.
_FEW = 4


def read_table(
    batches: Iterable[Lines], header: int, dialect: Dialect, *, is_cut: bool = False
) -> FileReading:
    """The statements of a table: one an account, in the order in which accounts appear.

    ``is_cut``: the last line has no end, so that it may be half a row.
    """
    reader = _TableReader(dialect)
    try:
        for numbers, lines in batches:
            if header in numbers:
                at = numbers.index(header)
                reader.take_all(numbers[:at], lines[:at])
                reader.take_header(header, lines[at])
                reader.take_all(numbers[at + 1 :], lines[at + 1 :])
            else:
                reader.take_all(numbers, lines)
    except TableError as fault:
        return FileReading(dialect.id, (), (fault.problem,))
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
        self._batch: BatchReader | None = None
        self._outside = Outside(dialect)
        self._rows = Builder()  # by account and currency as told
        self._names: dict[str, str | None] = {}
        self._problems: list[Problem] = []
        self._last: tuple[int, list[str], tuple[str, str] | None] | None = None

    def take_header(self, number: int, values: list[str]) -> None:
        """Take the line that names the columns."""
        self._header = values
        own = self._outside.head.account
        self._reader = RowReader(self._dialect, values, None if own and "*" in own else own)
        batch = BatchReader(self._reader)
        self._batch = batch if batch.is_possible else None
        if self._reader.doubled:
            names = "、".join(self._reader.doubled)
            text = Text(f"表头列名重复:{names}", f"the header repeats columns: {names}")
            self._problems.append(Problem("TABLE-HEADER", text, line=number))

    def take_all(self, numbers: Sequence[int], lines: Sequence[list[str]]) -> None:
        """Take lines: those that are plain rows together, any other by itself."""
        is_row = self._plain_rows(lines)
        start = 0
        for is_plain, group in groupby(is_row):
            end = start + sum(1 for _ in group)
            few = slice(start, end)
            if not (is_plain and end - start > _FEW and self._take_rows(numbers[few], lines[few])):
                for at in range(start, end):
                    if any(lines[at]):
                        self.take(numbers[at], lines[at])
            start = end

    def _plain_rows(self, lines: Sequence[list[str]]) -> list[bool]:
        """For each line whether it looks like any row: as wide, no header, no label in front."""
        if self._batch is None:
            return [False] * len(lines)
        width = len(self._header)
        first = {values[0] for values in lines if values}
        plain = {cell for cell in first if cell and not self._outside.is_label(cell)}
        plain.discard(self._header[0])
        if plain == first and set(map(len, lines)) == {width}:
            return [True] * len(lines)
        return [len(values) == width and values[0] in plain for values in lines]

    def _take_rows(self, numbers: Sequence[int], lines: Sequence[list[str]]) -> bool:
        """Take lines as rows all together; False, with nothing taken, where one is unusual."""
        if self._batch is None or self._outside.awaits_values:
            return False
        try:
            batch = self._batch.read(numbers, lines)
        except UnusualLine:
            return False
        keys = self._keys(batch)
        for key, block in split_by(keys, batch.block).items():
            self._rows.add(key, block)
        for key in set(keys):
            if key[0] not in self._names:
                name = batch.names[keys.index(key)] if batch.names else ""
                self._names[key[0]] = cells.word(name)
        self._last = numbers[-1], lines[-1], keys[-1]
        return True

    def _keys(self, batch: Batch) -> list[tuple[str, str]]:
        accounts, currencies = set(batch.accounts), set(batch.currencies)
        if len(accounts) == len(currencies) == 1:
            return [self._key(accounts.pop(), currencies.pop())] * len(batch.accounts)
        told = list(zip(batch.accounts, batch.currencies, strict=True))
        known = {each: self._key(*each) for each in set(told)}
        return list(map(known.__getitem__, told))

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
        if self._outside.claims(values) or not reader.is_row(told):
            self._take_outside(number, values)
            return None
        try:
            row, key = reader.row(number, told), self._key(reader.account(told), told.currency)
        except BankCellFault as fault:
            self._fault(number, fault.field, fault.zh, fault.en)
            return None
        self._rows.add(key, tuple([field] for field in row))
        if key[0] not in self._names:
            self._names[key[0]] = cells.word(told.account_name)
        return key

    def _key(self, account: str, currency: str) -> tuple[str, str]:
        """Account and currency of a row, by its own cells or by the head, which may follow."""
        head = self._outside.head
        named = currency or head.currency or self._dialect.currency
        return account or head.account or "", currency_code(named or "")

    def _take_outside(self, number: int, values: list[str]) -> None:
        try:
            self._outside.take(values, self._reader.sides if self._reader else (-1, -1))
        except Unreadable as fault:
            name, quoted = fault.args
            self._fault(number, name, f"无法读取:{quoted}", f"cannot be read: {quoted}")

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
            self._rows.drop_last(key)
        text = Text("文件不完整,末行被截断", "the file is cut off inside its last row")
        return Problem("TABLE-CUT", text, line=number)

    def finish(self, *, is_cut: bool) -> FileReading:
        """What all the lines come to."""
        cut = self._take_back_cut_row() if is_cut else None
        self._name_accounts()
        if self._problems:
            return FileReading(self._dialect.id, (), tuple(self._problems))
        keys = self._rows.list_keys()
        if not keys:
            return self._finish_empty()
        statements = [
            self._statement(n, *key, self._rows.take(key), is_alone=len(keys) < 2)
            for n, key in enumerate(keys, 1)
        ]
        if cut is not None:
            last = max(statements, key=lambda each: max(each.rows.column("line")))
            last.faults.insert(0, StatementFault("truncated", cut))
        return FileReading(self._dialect.id, tuple(statements))

    def _name_accounts(self) -> None:
        """Give rows that name no account that of the head; without one the file is none's."""
        nameless = [key for key in self._rows.list_keys() if not key[0]]
        own = self._outside.head.account
        for key in nameless if own else ():
            self._rows.rename(key, (own or "", key[1]))
        if nameless and not own and self._reader and self._reader.has_accounts:
            for line in (line for key in nameless for line in self._rows.take(key).column("line")):
                self._fault(line, "account", "缺账号", "the account number is missing")
        elif nameless and not own:
            text = Text(
                "文件没有写明本方账号:请在表头上方加一行“账号,完整账号”后再上传",
                'the file does not name its own account: add a line "账号,NUMBER" above the header',
            )
            self._problems.append(Problem("TABLE-ACCOUNT", text))

    def _finish_empty(self) -> FileReading:
        """A period without entries is a statement where the head tells whose and when."""
        head = self._outside.head
        if head.account and head.period:
            currency = head.currency or self._dialect.currency or "CNY"
            empty = self._statement(1, head.account, currency, Rows(), is_alone=True)
            return FileReading(self._dialect.id, (empty,))
        text = Text(
            "没有一行明细,也没有账号和起止日期", "no rows, and no account and period either"
        )
        return FileReading(self._dialect.id, (), (Problem("TABLE-EMPTY", text),))

    def _statement(
        self, n: int, account: str, currency: str, rows: Rows, *, is_alone: bool
    ) -> Statement:
        head = self._outside.head
        # balances and totals outside the table are of one account
        opening = head.opening_fen if is_alone else None
        closing = head.closing_fen if is_alone else None
        two_orders = has_two_orders(rows, opening)
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
        prove_polarity(statement)
        if is_alone:
            self._prove_controls(statement)
        self._note(statement, two_orders=two_orders)
        return statement

    def _prove_controls(self, statement: Statement) -> None:
        """Compare control totals of head and foot before they are dropped."""
        controls = self._outside.head.controls
        problem = compare_controls(controls, statement.rows)
        if problem is None:
            return
        statement.faults.append(StatementFault("arithmetic", problem))
        if statement.difference_fen is None and {"in_sum", "out_sum"} <= set(controls):
            stated = controls["in_sum"] - controls["out_sum"]
            gap = stated - sum(statement.rows.column("amount_fen"))
            statement.difference_fen = gap or None

    def _note(self, statement: Statement, *, two_orders: bool) -> None:
        if "*" in statement.account_no:
            text = Text(
                "账号被遮盖,不能与登记的账户对上:请导出完整账号,或在表头上方加一行“账号,完整账号”",
                "the account number is masked and meets no registered account: export it whole, "
                'or add a line "账号,NUMBER" above the header',
            )
            statement.notes.append(Problem("ACCOUNT-MASKED", text))
        if two_orders:
            zh = "顺排倒排余额都能推算,按文件次序记账"
            en = "the balances follow in either order and the file's is kept"
            if self._outside.head.opening_fen is None:
                zh += ";加一行“期初余额,金额”可确定"
                en += '; a line "期初余额,AMOUNT" decides'
            text = Text(zh, en)
            statement.notes.append(Problem("STATEMENT-ORDER", text))
