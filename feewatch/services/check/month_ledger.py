"""The monthly ledger (科目余额表) of an institution, and its month in three columns.

What it owes pupils at both ends of a month and what moved between: opening + received - recognised
- refunded = closing, contract by contract, in the figures that BAL-COVER stands on. Beside it the
bank's own opening + in - out = closing, and what contracts, bank and lessons say of one another.
What no statement covers is unknown, never zero. Reading only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.engine.explanation import Figure
from feewatch.kernel.clock import today
from feewatch.kernel.days import JUDGED_FROM, Day, format_day, parse_month
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.ledger.days import missing_days
from feewatch.services.check.asking import ask_of_one
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.month_accounts import AccountMonth, read_accounts
from feewatch.services.check.rulebook import get_rule, rule_book
from feewatch.store.check import checks, month_ledger
from feewatch.store.database import Record, Transaction
from feewatch.store.pages import PageRow, institutions
from feewatch.store.registers import coverage

#: The rule whose law the facts are laid out with; the figures are those of its ``escrow_cover``.
RULE = "BAL-COVER"
#: For how many days after its day a payment may be on its way to the account.
_ON_ITS_WAY = "acc_off_days"
#: A month of more contracts is worked out at each look.
_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class ContractMonth:
    """One prepaid contract in a month; what is owed on it, in fen.

    Where the value of its lessons is unknown it counts as not consumed, as in all claims.
    """

    contract_no: str
    paid_on: Day
    opening_fen: int
    charged_fen: int  # paid in the month by its own register
    moved_fen: int  # came from another institution (> 0) or went to one (< 0)
    refunded_fen: int
    closing_fen: int
    consumed_fen: int | None  # what lessons or days used of the fee; None: unknown
    lessons: int  # held in the month
    outside_fen: int  # of what was charged, what has not reached the fee accounts
    is_estimated: bool

    @property
    def received_fen(self) -> int:
        """What was added to the liability."""
        return self.charged_fen + self.moved_fen

    @property
    def recognised_fen(self) -> int:
        """What the institution earned: consumed, or settled; below zero where it gave it back."""
        return self.opening_fen + self.received_fen - self.refunded_fen - self.closing_fen

    @property
    def settled_fen(self) -> int | None:
        """What is recognised beyond lessons: at the end of a contract, or taken back (< 0)."""
        return None if self.consumed_fen is None else self.recognised_fen - self.consumed_fen

    @property
    def is_moved(self) -> bool:
        """Whether the month has anything to tell of it."""
        figures = self.opening_fen, self.charged_fen, self.moved_fen, self.refunded_fen
        return any((*figures, self.closing_fen, self.consumed_fen))


@dataclass(frozen=True)
class MonthLedger:
    """An institution's month."""

    facts: PageRow
    month: str
    first: Day
    last: Day  # the last day of the month, today in the present one
    contracts: tuple[ContractMonth, ...]
    accounts: tuple[AccountMonth, ...]
    unexplained_opening_fen: int
    unexplained_closing_fen: int
    #: Days of the month for which registers are not complete, by register.
    uncovered: Mapping[str, tuple[tuple[Day, Day], ...]]
    #: Whether statements of the fee accounts show what arrived for the month's charges.
    is_arrival_known: bool

    @property
    def fee_accounts(self) -> tuple[AccountMonth, ...]:
        """The accounts into which prepaid fees go."""
        return tuple(account for account in self.accounts if account.kind == "fee")

    @property
    def is_bank_known(self) -> bool:
        """Whether there are fee accounts and statements cover their whole month."""
        return bool(self.fee_accounts) and all(each.is_covered for each in self.fee_accounts)

    def sum_of(self, name: str) -> int:
        """One figure added up over the contracts; unknown ones count nothing."""
        return sum(getattr(contract, name) or 0 for contract in self.contracts)

    def flow_of(self, *kinds: str, inward: bool) -> int:
        """What moved on the fee accounts in entries of these kinds, as far as it is told."""
        return sum(account.flow_of(kinds, inward=inward) for account in self.fee_accounts)

    @property
    def refunded_by_bank_fen(self) -> int:
        """What the fee and deposit accounts paid back to families."""
        paid = [each for each in self.accounts if each.kind in ("fee", "deposit")]
        return sum(account.flow_of(("refund",), inward=False) for account in paid)

    @property
    def unmatched_fen(self) -> int:
        """Receipts of the month that no contract explains."""
        return sum(account.unmatched_fen for account in self.fee_accounts)

    @property
    def unknown(self) -> int:
        """Contracts whose consumption is unknown."""
        return sum(contract.consumed_fen is None for contract in self.contracts)

    @property
    def estimated(self) -> int:
        """Contracts whose consumption is estimated by the calendar."""
        return sum(contract.is_estimated for contract in self.contracts)

    @property
    def charged_fen(self) -> int | None:
        """What contracts charged; None where their register is not complete for the month."""
        return None if self.uncovered["contracts"] else self.sum_of("charged_fen")

    @property
    def consumed_fen(self) -> int | None:
        """What lessons consumed; None where days or the value of lessons are unknown."""
        is_known = not self.unknown and not self.uncovered["lessons"]
        return self.sum_of("consumed_fen") if is_known else None

    @property
    def outside_fen(self) -> int | None:
        """Of the month's charges, what has not reached the fee accounts; None where unknown."""
        missing = self.sum_of("outside_fen")
        return missing if self.is_arrival_known or not missing else None

    @property
    def outside_share(self) -> str | None:
        """The same as a share of the month's charges, for display."""
        charged = self.sum_of("charged_fen")
        if self.outside_fen is None or not charged:
            return None
        return str(Figure(self.outside_fen, charged).shown("ratio"))


def read_month_ledger(app: App, scope: Scope, uscc: str, month: str) -> MonthLedger:
    """The month ``YYYY-MM`` of an institution within a scope.

    Raises: NotFoundError; InvalidInputError for what is no month, or one that has not begun.
    """
    first, last = _days_of(month)
    with app.database.reading() as tx:
        facts = institutions.find_institution(tx, scope, uscc, today())
        # who sees an institution by one of its sites is not told the books of all of it
        if facts is None or not scope.sees(facts.district, facts.id):
            raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
        ledger = ask_of_one(
            app,
            tx,
            ("month ledger", first, last),
            facts.id,
            lambda: _work_out(app, tx, facts, month, (first, last)),
            lambda told: len(told.contracts) <= _MOST_KEPT,
        )
    return replace(ledger, facts=facts)


def _work_out(
    app: App, tx: Transaction, facts: PageRow, month: str, days: tuple[Day, Day]
) -> MonthLedger:
    book = rule_book(app)
    first, last = days
    grace = _grace(book)
    holders = month_ledger.list_predecessors(tx, facts.id, last)
    span = first, last, last + grace
    before = _positions(app, tx, book, holders, first - 1, span)
    after = _positions(app, tx, book, holders, last, span)
    accounts = read_accounts(tx, facts.id, first, last)
    arrivals = read_accounts(tx, facts.id, first, last + grace)
    return MonthLedger(
        facts,
        month,
        first,
        last,
        tuple(_contracts(facts.id, before.contracts, after.contracts)),
        tuple(accounts),
        before.unexplained_fen.get(facts.id, 0),
        after.unexplained_fen.get(facts.id, 0),
        {
            register: tuple(missing_days(ranges, first, last))
            for register, ranges in coverage.list_ranges(tx, facts.id).items()
        },
        all(account.is_covered for account in arrivals if account.kind == "fee"),
    )


def default_month(app: App) -> str:
    """The month that a page shows unasked: that of the day last checked."""
    with app.database.reading() as tx:
        day = checks.latest_as_of(tx)
    return format_day(min(today(), today() if day is None else day))[:7]


def _days_of(month: str) -> tuple[Day, Day]:
    days = parse_month(month)
    if days is None:
        raise InvalidInputError(
            "MONTH", f"{month} 不是月份 YYYY-MM", f"{month} is no month YYYY-MM", field="month"
        )
    if days[0] > today():
        raise InvalidInputError(
            "MONTH", f"{month} 尚未开始", f"{month} has not begun", field="month"
        )
    if days[0] <= JUDGED_FROM:
        earliest = format_day(JUDGED_FROM)[:7]
        raise InvalidInputError(
            "MONTH", f"月份应在 {earliest} 之后", f"the month lies after {earliest}", field="month"
        )
    return days[0], min(days[1], today())


def _grace(book: RuleBook) -> int:
    days = book.parameters[_ON_ITS_WAY].values[0].value
    assert isinstance(days, int)
    return days


@dataclass(frozen=True)
class _Positions:
    """What is owed as of one day: contracts by key, unexplained receipts by institution."""

    contracts: dict[int, Record]
    unexplained_fen: dict[int, int]


def _positions(
    app: App,
    tx: Transaction,
    book: RuleBook,
    holders: Iterable[int],
    as_of: Day,
    span: tuple[Day, Day, Day],
) -> _Positions:
    dialect = app.database.dialect
    evaluation = Evaluation(tx, dialect, book, as_of, app.config.office.district, set(holders))
    with evaluation.of(get_rule(book, RULE)) as outcomes:
        rows = outcomes.select(month_ledger.positions(outcomes.fact("contract_position"), *span))
        unexplained = outcomes.select(outcomes.fact("unexplained_money"))
    return _Positions(
        {row["contract_id"]: row for row in rows},
        {row["institution_id"]: row["fen"] for row in unexplained},
    )


def _contracts(
    key: int, before: Mapping[int, Record], after: Mapping[int, Record]
) -> list[ContractMonth]:
    """The contracts that were the institution's at either end of the month, by number."""
    ours = {
        contract_id
        for rows in (before, after)
        for contract_id, row in rows.items()
        if row["institution_id"] == key
    }
    lines = [_contract(key, before.get(each), after.get(each)) for each in ours]
    return sorted((line for line in lines if line.is_moved), key=lambda line: line.contract_no)


def _contract(key: int, earlier: Record | None, later: Record | None) -> ContractMonth:
    if later is None or later["institution_id"] != key:
        return _handed_over(earlier)
    opening = earlier["high_fen"] if earlier else 0
    is_ours = earlier is None or earlier["institution_id"] == key
    charged = later["paid_fen"] - (earlier["paid_fen"] if earlier else 0)
    return ContractMonth(
        later["contract_no"],
        later["paid_on"],
        opening if is_ours else 0,
        charged,
        0 if is_ours else opening,
        later["refunded_fen"] - (earlier["refunded_fen"] if earlier else 0),
        later["high_fen"],
        _consumed(earlier, later),
        later["lessons"],
        min(charged, max(0, later["paid_fen"] - later["arrived_fen"])),
        bool(later["is_estimated"]),
    )


def _handed_over(earlier: Record | None) -> ContractMonth:
    """A contract that another institution holds at the end; its month is told there."""
    assert earlier is not None  # it was ours at one end
    number, paid_on, owed = earlier["contract_no"], earlier["paid_on"], earlier["high_fen"]
    return ContractMonth(number, paid_on, owed, 0, -owed, 0, 0, 0, 0, 0, is_estimated=False)


def _consumed(earlier: Record | None, later: Record) -> int | None:
    if any(row is not None and row["low_fen"] != row["high_fen"] for row in (earlier, later)):
        return None
    consumed: int = later["consumed_fen"]
    return consumed - (earlier["consumed_fen"] if earlier else 0)
