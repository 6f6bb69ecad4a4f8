"""One account's part of a bank table: its head, its rows, its foot, and what they come to."""

from collections.abc import Iterator, Sequence

from feewatch.kernel.days import Day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.columns import Builder, Rows, Spool
from feewatch.statements.dialects import Dialect
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.outside import Outside, Unreadable, numbers_in
from feewatch.statements.proof import (
    covered_days,
    currency_code,
    has_two_orders,
    in_order,
    prove,
    prove_polarity,
)
from feewatch.statements.refusals import unreadable
from feewatch.statements.signs import straightened
from feewatch.statements.stated_balances import StatedBalance, compare_balances, ends_of
from feewatch.statements.totals import compare_controls, compare_pages

Key = tuple[str, str]
#: The code of a table that tells nothing.
EMPTY = "TABLE-EMPTY"
#: A head has no more.
_MOST_NUMBERS = 100


class Section:
    """Takes the lines of an account as they come; a table has one for each account named above it.

    ``account``: the number, where what stands above does not tell it again.
    """

    def __init__(self, dialect: Dialect, spool: Spool, account: str | None = None) -> None:
        self._dialect = dialect
        self.outside = Outside(dialect)
        self.outside.head.account = account
        self.rows = Builder(spool)  # by account and currency as told
        self.names: dict[str, str | None] = {}
        self.balances: list[StatedBalance] = []
        self.problems: list[Problem] = []
        self.numbers: set[str] = set()  # of accounts, perhaps, in the lines that are no rows
        self.is_begun = False  # a header stands above, or rows were taken
        self.cut: Problem | None = None  # the file ends inside its last row

    @property
    def accounts(self) -> set[str]:
        """The accounts that its head or its rows name."""
        named = {account for account, _ in self.rows.list_keys()}
        return {each for each in (*named, self.outside.head.account) if each}

    def key(self, account: str, currency: str) -> Key:
        """Account and currency of a row, by its own cells or by the head, which may follow."""
        head = self.outside.head
        named = currency or head.currency or self._dialect.currency
        return account or head.account or "", currency_code(named or "")

    def take_outside(self, number: int, values: Sequence[str], sides: tuple[int, int]) -> None:
        """Take a line that is no row."""
        if len(self.numbers) < _MOST_NUMBERS:
            self.numbers |= numbers_in(values)
        try:
            self.outside.take(number, values, sides)
        except Unreadable as fault:
            name, quoted = fault.args
            self.fault(number, name, f"无法读取：{quoted}", f"cannot be read: {quoted}")

    def fault(self, line: int, name: str, zh: str, en: str) -> None:
        """Note why a cell cannot be read."""
        column = next(iter(self._dialect.columns.get(name, (name,))))
        text = Text(f"“{column}”{zh}", f"{column}: {en}")
        self.problems.append(Problem("TABLE-CELL", text, line=line, column=column))

    def name_accounts(self, *, has_accounts: bool) -> None:
        """Give rows that name no account that of the head; without one they are nobody's."""
        nameless = [key for key in self.rows.list_keys() if not key[0]]
        own = self.outside.head.account
        for key in nameless if own else ():
            self.rows.rename(key, (own or "", key[1]))
        if nameless and not own and has_accounts:
            for line in (line for key in nameless for line in self.rows.take(key).column("line")):
                self.fault(line, "account", "缺账号", "the account number is missing")
        elif nameless and not own:
            text = Text(
                "文件没有写明本方账号：请在表头上方加一行，第一格“账号”，第二格完整账号，再上传",
                "the file does not name its own account: add a line above the header with 账号 in "
                "its first cell and the whole number in its second",
            )
            self.problems.append(Problem("TABLE-ACCOUNT", text))

    def statements(self, n: int) -> Iterator[Statement]:
        """Its statements, the first of them the ``n``-th of the file."""
        keys = self.rows.list_keys()
        if not keys and (empty := self._empty(n)) is not None:
            yield empty
        made = [
            self._statement(at, *key, self.rows.take(key), is_alone=len(keys) < 2)
            for at, key in enumerate(keys, n)
        ]
        if self.cut is not None and made:
            last = max(made, key=lambda each: max(each.rows.column("line")))
            last.faults.insert(0, StatementFault("truncated", self.cut))
        yield from made

    def refusal(self, n: int) -> Statement | None:
        """What stands for it where it cannot be read; None where it tells no day."""
        days: list[Day] = [*(self.outside.head.period or ())]
        keys = self.rows.list_keys()
        for key in keys:
            days += self.rows.take(key).column("booked_on")
        account = self.outside.head.account or next((key[0] for key in keys), "")
        currency = keys[0][1] if keys else ""
        return unreadable(n, account, currency, days, self.problems) if days else None

    def _empty(self, n: int) -> Statement | None:
        """A period without entries is a statement where the head tells whose and when."""
        head = self.outside.head
        opened, closed, _, _ = ends_of(self.balances)
        days = head.period or (None if opened is None or closed is None else (opened, closed))
        if not head.account or days is None:
            return None
        head.period = days
        currency = head.currency or self._dialect.currency or "CNY"
        return self._statement(n, head.account, currency, Rows(), is_alone=True)

    def _statement(
        self, n: int, account: str, currency: str, rows: Rows, *, is_alone: bool
    ) -> Statement:
        head = self.outside.head
        # balances and totals outside the table are of one account
        opening = head.opening_fen if is_alone else None
        closing = head.closing_fen if is_alone else None
        opened = closed = None
        if is_alone:
            opened, closed, first, last = ends_of(self.balances)
            opening = first if opening is None else opening
            closing = last if closing is None else closing
        rows, sign_note = straightened(rows, opening, closing)
        two_orders = has_two_orders(rows, opening)
        rows = in_order(rows, opening)
        if rows and opening is None and rows[0].balance_fen is not None:
            opening = rows[0].balance_fen - rows[0].amount_fen
        if closing is None:
            closing = rows[-1].balance_fen if rows else opening
        days = covered_days(rows, head.period, opened, closed)
        assert days is not None
        name = self.names.get(account) or head.account_name
        statement = Statement(n, account, name, currency, *days, opening, closing, rows)
        prove(statement)
        prove_polarity(statement)
        if is_alone:
            self._prove_controls(statement)
        self._note(statement, two_orders=two_orders)
        if sign_note is not None:
            statement.notes.append(sign_note)
        return statement

    def _prove_controls(self, statement: Statement) -> None:
        """Compare control totals of head and foot, and balances among the rows."""
        controls = self.outside.head.controls
        problem = compare_controls(controls, statement.rows)
        if problem is None:
            problem = compare_balances(self.balances, statement)
            problem = problem or compare_pages(self.outside.head.pages, statement.rows)
            controls = {}
        if problem is None:
            return
        statement.faults.append(StatementFault("arithmetic", problem))
        if statement.difference_fen is None and {"in_sum", "out_sum"} <= set(controls):
            stated = controls["in_sum"] - controls["out_sum"]
            gap = stated - sum(statement.rows.column("amount_fen"))
            statement.difference_fen = gap or None

    def _note(self, statement: Statement, *, two_orders: bool) -> None:
        statement.notes += self.outside.head.notes
        if "*" in statement.account_no:
            text = Text(
                "账号被遮盖，不能与登记的账户对上：请导出完整账号，或在表头上方加一行，第一格“账号”，第二格完整账号",
                "the account number is masked and meets no registered account: export it whole, "
                "or add a line above the header with 账号 and the number in two cells",
            )
            statement.notes.append(Problem("ACCOUNT-MASKED", text))
        if two_orders:
            zh = "顺排倒排余额都能推算，按文件次序记账"
            en = "the balances follow in either order and the file's is kept"
            if self.outside.head.opening_fen is None:
                zh += "；加一行“期初余额，金额”可确定"
                en += '; a line "期初余额，AMOUNT" decides'
            statement.notes.append(Problem("STATEMENT-ORDER", Text(zh, en)))


def nothing(dialect: str) -> FileReading:
    """That a table has no rows, and nothing that would make an empty period of it."""
    text = Text("没有一行明细，也没有账号和起止日期", "no rows, and no account and period either")
    return FileReading(dialect, (), (Problem(EMPTY, text),))
