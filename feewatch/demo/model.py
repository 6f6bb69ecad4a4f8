"""The made-up world while it is being made: schools, their contracts, accounts and breaches."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from feewatch.kernel.days import Day, add_months, format_day, parse_day
from feewatch.kernel.money import half_up


def day(text: str) -> Day:
    """The day of an ISO date written in this package."""
    found = parse_day(text)
    assert found is not None, text
    return found


#: Four months of statements; every rule of the book is in force by then.
FIRST_DAY = day("2026-04-01")
AS_OF = day("2026-07-31")
#: The cut-off of an earlier edition, at which honest schools are in order as well.
EARLIER = day("2026-07-01")
#: The day from which the contracts of a school that merges are its successor's.
MERGED_ON = day("2026-07-15")
#: A licence that ends long after.
_LICENSED_UNTIL = day("2028-12-31")
#: The registers are complete from the oldest contract on.
COVERED_FROM = day("2025-11-01")


class Expected(NamedTuple):
    """One breach that a check at ``AS_OF`` must find; the five parts of an alert's identity."""

    rule: str
    uscc: str
    kind: str
    id: str
    on: str


@dataclass(eq=False)
class Entry:
    """One row of an account; money in is positive."""

    booked_on: Day
    time: str
    amount_fen: int
    memo: str
    counterparty: str = ""
    counterparty_account: str = ""
    reversal: bool = False
    reference: str = ""


@dataclass(eq=False)
class Account:
    """A bank account as the bank knows it."""

    account_no: str
    bank: str
    kind: str
    opened_on: Day
    closed_on: Day | None = None
    minimum_fen: int | None = None
    cycle: str = ""
    opening_fen: int = 0
    last_day: Day | None = AS_OF  # the last day that any statement tells of; None: no statement
    style: str = "csv"
    #: Periods of its statements; empty: cut at random.
    periods: list[tuple[Day, Day]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def sort(self) -> None:
        """Put the entries in the bank's order."""
        self.entries.sort(key=lambda entry: (entry.booked_on, entry.time))

    def balance(self, on: Day) -> int:
        """The balance at the end of a day."""
        return self.opening_fen + sum(e.amount_fen for e in self.entries if e.booked_on <= on)

    def closings(self) -> dict[Day, int]:
        """The balance at the end of each day with entries."""
        balance, closing = self.opening_fen, {}
        for entry in self.entries:
            balance += entry.amount_fen
            closing[entry.booked_on] = balance
        return closing

    def lowest(self) -> int:
        """The lowest balance after any entry, with the opening balance taken as nothing."""
        balance = low = 0
        for entry in self.entries:
            balance += entry.amount_fen
            low = min(low, balance)
        return low

    def entry_id(self, entry: Entry) -> str:
        """``account/day/amount/n``: n counts equal amounts of the day in the bank's order."""
        same = [
            other
            for other in self.entries
            if (other.booked_on, other.amount_fen) == (entry.booked_on, entry.amount_fen)
        ]
        n = same.index(entry) + 1
        return f"{self.account_no}/{format_day(entry.booked_on)}/{entry.amount_fen}/{n}"


@dataclass(frozen=True)
class Course:
    """A course on offer."""

    course_id: str
    title: str
    discipline: str
    stage: str
    class_size: int
    minutes: int
    price_fen: int


class Payment(NamedTuple):
    """Money that comes for a contract, so many days after its paid_on."""

    days_late: int
    amount_fen: int
    memo: str
    payer: str = ""


class Charge(NamedTuple):
    """One of the charges of a contract; without ``paid_on`` it is not paid."""

    due_on: Day
    amount_fen: int
    lessons: int
    paid_on: Day | None


@dataclass(eq=False)
class Contract:
    """A contract and what becomes of it; ``payments`` None: paid in some honest way."""

    contract_no: str
    course: Course
    student: str
    parent: str
    basis: str
    lessons: int
    gift: int
    starts_on: Day
    ends_on: Day
    fee_fen: int
    paid_on: Day
    renews: str = ""
    channel: str = ""
    payments: list[Payment] | None = None
    teach: bool = True  # lesson rows are kept
    cancelled: bool = False  # paid back in full before the first lesson
    stopped_on: Day | None = None  # refund requested: no lesson after that day
    refunded_fen: int = 0
    other_fen: int | None = None  # collected on behalf of others
    short_fen: int | None = None  # paid back on request, by so much less than is due
    charges: list[Charge] = field(default_factory=list)  # empty: charged at once
    ended_on: Day | None = None
    settlement: str = ""  # how it was settled when it ended
    held: dict[Day, int] = field(default_factory=dict)
    confirmed: dict[Day, Day] = field(default_factory=dict)  # where not on the day of the lesson
    silent: set[Day] = field(default_factory=set)  # lessons that nobody confirmed in time

    def consumed(self, on: Day) -> int:
        """What the lessons held so far are worth, in fen."""
        taught = sum(lessons for day, lessons in self.held.items() if day <= on)
        return min(self.fee_fen, half_up(self.fee_fen * taught, self.lessons + self.gift))

    def paid(self, on: Day) -> int:
        """What was paid of its fee by a day, in fen."""
        if not self.charges:
            return self.fee_fen if self.paid_on <= on else 0
        paid = (each for each in self.charges if each.paid_on is not None and each.paid_on <= on)
        return sum(each.amount_fen for each in paid)

    def is_settled(self, on: Day) -> bool:
        """Whether it has ended by a day and how it was settled is on file."""
        return bool(self.settlement) and self.ended_on is not None and self.ended_on <= on


@dataclass(frozen=True)
class Refund:
    """A row of the refund register."""

    refund_no: str
    contract_no: str
    requested_on: Day
    amount_fen: int


@dataclass(frozen=True)
class Approval:
    """A row of the approvals register."""

    kind: str
    document: str
    amount_fen: int | None
    from_day: Day
    until: Day


class PlannedCase(NamedTuple):
    """A case over a breach of a rule that the school is told of on the day after ``EARLIER``."""

    rule: str
    deadline: Day


@dataclass(eq=False)
class School:
    """One institution with everything it has and does."""

    n: int
    uscc: str
    name: str
    district: str
    subject: str
    nature: str
    custody: str
    legal_representative: str
    related: tuple[str, ...]
    settlement_no: str
    accounts: list[Account] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    expected_entries: list[tuple[str, Account, Entry]] = field(default_factory=list)
    expected_refunds: list[tuple[str, Contract]] = field(default_factory=list)
    # how it behaves; plants turn these
    round_prices: bool = False  # consumption is whole yuan, so that shares come out exactly
    enrol_from: Day = FIRST_DAY + 1
    enrol_until: Day = AS_OF - 4
    taught_until: Day = AS_OF
    licence_until: Day = _LICENSED_UNTIL
    renewal_applied_on: Day | None = None
    cushion_fen: int = 0
    unexplained_fen: int = 0  # received up to ``AS_OF`` and paid for no contract
    odd_fees: set[int] = field(default_factory=set)  # fees that the amount alone tells apart
    excess: dict[Day, tuple[int, int]] = field(default_factory=dict)  # day: (per mille, fen) over
    release_days: tuple[Day, ...] | None = None  # None: every working day
    release_to: str = ""  # empty: the school itself
    charge_fen: int = 0  # what the bank takes for a transfer
    successor: "School | None" = None  # whose its contracts are from ``MERGED_ON`` on

    def of(self, kind: str) -> list[Account]:
        """Its accounts of a kind."""
        return [account for account in self.accounts if account.kind == kind]

    @property
    def fee_account(self) -> Account | None:
        """The account into which parents pay."""
        return next(iter(self.of("fee")), None)

    @property
    def in_custody(self) -> bool:
        """Whether its fees are held and released in step."""
        return self.custody in ("bank_custody", "both")

    def liability(self, on: Day) -> int:
        """What it owes to its students in lessons not yet held."""
        return sum(
            max(0, c.paid(on) - c.consumed(on) - c.refunded_fen)
            for c in self.contracts
            if not c.is_settled(on)
        )

    def deposit_needed(self, on: Day = AS_OF) -> int:
        """The prepaid fees of the three months before, fully refunded contracts left out."""
        since = add_months(on, -3)
        return sum(
            c.paid(on) - c.paid(since) for c in self.contracts if c.refunded_fen < c.paid(on)
        )

    def expect(self, rule: str, kind: str, subject: str, on: Day) -> None:
        """Note a breach that must be found."""
        self.expected.append(Expected(rule, self.uscc, kind, subject, format_day(on)))

    def expect_entry(self, rule: str, account: Account, entry: Entry) -> None:
        """Note a breach on an entry; its id is known once all entries are."""
        self.expected_entries.append((rule, account, entry))

    def expect_refund(self, rule: str, contract: Contract) -> None:
        """Note a breach on the refund of a contract; its number is known once it is made."""
        self.expected_refunds.append((rule, contract))

    def truth(self) -> Iterable[Expected]:
        """All breaches to be found at this school, those on its files left out."""
        yield from self.expected
        for rule, account, entry in self.expected_entries:
            on = format_day(entry.booked_on)
            yield Expected(rule, self.uscc, "entry", account.entry_id(entry), on)
        for rule, contract in self.expected_refunds:
            [asked] = [each for each in self.refunds if each.contract_no == contract.contract_no]
            on = format_day(asked.requested_on)
            yield Expected(rule, self.uscc, "refund", asked.refund_no, on)


def cumulated(contracts: Iterable[Contract]) -> Counter[Day]:
    """By how much the value of the lessons held grows on each day, in fen."""
    growth: Counter[Day] = Counter()
    for contract in contracts:
        before = taught = 0
        for held_on in sorted(contract.held):
            taught += contract.held[held_on]
            total = contract.lessons + contract.gift
            after = min(contract.fee_fen, half_up(contract.fee_fen * taught, total))
            growth[held_on] += after - before
            before = after
    return growth
