"""What the oracle knows of an institution: its registers and bank entries, and what it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from oracle.calendar_days import each_day, plus
from oracle.records import (
    Account,
    Approval,
    Charge,
    Contract,
    Course,
    Entry,
    Facts,
    Lesson,
    Refund,
    SchoolDays,
    Sheet,
    Succession,
)


@dataclass(eq=False)
class Books:
    """One institution with all that is on file up to the day it is looked at.

    Contracts and lessons are those that it holds on some day: its own, and those it succeeded to.
    """

    facts: list[Facts]
    accounts: list[Account]
    courses: dict[str, Course]
    contracts: dict[str, Contract]
    lessons: dict[str, list[Lesson]]
    refunds: dict[str, Refund]
    approvals: list[Approval]
    lesson_days: tuple[date, date] | None
    sheets: dict[str, list[Sheet]]  # by account number, in order
    entries: list[Entry]  # in (day, statement order)
    as_of: date
    school_days: list[SchoolDays]
    enrolment: list[tuple[str, date, date]]  # place, Monday, Sunday
    tells_whose_word: bool = False
    retold: dict[str, list[Sheet]] = field(default_factory=dict)  # days that others tell too
    #: by account number: days that the institution tells otherwise, and what one side alone tells
    contradicted: dict[str, list[tuple[date, int]]] = field(default_factory=dict)
    successions: list[Succession] = field(default_factory=list)
    peers: list["Books"] = field(default_factory=list)  # all that successions tie it to, and itself
    prepaid_by_receipt: dict[str, date] = field(default_factory=dict)

    @property
    def uscc(self) -> str:
        return self.facts[0].uscc

    def on(self, day: date) -> Facts:
        """The facts in force on a day."""
        return [each for each in self.facts if each.valid_from is None or each.valid_from <= day][
            -1
        ]

    def holds(self, contract: Contract, day: date) -> bool:
        """Whether the contract is this institution's on a day."""
        first, last = tenure(contract.home, self.uscc, self.successions) or (date.max, date.min)
        return first <= day <= last

    def holder(self, contract: Contract, day: date) -> "Books":
        """The books of the institution whose contract it is on a day."""
        (holder,) = (books for books in self.peers if books.holds(contract, day))
        return holder

    def course_of(self, contract: Contract) -> Course | None:
        """A contract's course, in the catalogue of the institution that registered both."""
        return self.home_of(contract).courses.get(contract.course_id)

    def home_of(self, contract: Contract) -> "Books":
        """The books of the institution that registered a contract."""
        (home,) = (books for books in self.peers if books.uscc == contract.home)
        return home

    def knows_lessons(self, day: date, contract: Contract | None = None) -> bool:
        """Whether a day is within the lessons on file: of a contract, or of all it holds then.

        Those who registered the contracts tell the lessons; who holds none is asked for its own.
        """
        held = [contract] if contract else self.contracts.values()
        homes = {each.home for each in held if contract or self.holds(each, day)} or {self.uscc}
        days = [books.lesson_days for books in self.peers if books.uscc in homes]
        return all(known is not None and known[0] <= day <= known[1] for known in days)

    def payments(self, *kinds: str) -> Iterator[Entry]:
        """Entries of some kinds that may be for contracts it holds, on whosever account."""
        return (entry for books in self.peers for entry in books.counted(*kinds))

    def of_kind(self, kind: str) -> list[Account]:
        return [each for each in self.accounts if each.kind == kind]

    def opened_by(self, day: date, *kinds: str) -> list[Account]:
        """Accounts of some kinds that were open on a day or before it."""
        return [each for each in self.accounts if each.kind in kinds
                and (each.opened_on or day) <= day]  # fmt: skip

    def covers(self, account: Account, first: date, last: date) -> bool:
        """Whether the statements of an account cover each of these days."""
        sheets = self.sheets.get(account.number, [])
        return all(any(s.first <= day <= s.last for s in sheets) for day in each_day(first, last))

    def covers_its_own(self, account: Account, first: date, last: date) -> bool:
        """Whether the statements cover those of these days on which the account was open."""
        return all(self.covers(account, day, day) for day in each_day(first, last)
                   if account.is_open(day))  # fmt: skip

    def last_covered(self, account: Account) -> date | None:
        days = [min(s.last, self.as_of) for s in self.sheets.get(account.number, [])
                if s.first <= self.as_of]  # fmt: skip
        return max(days, default=None)

    def last_proven(self, account: Account) -> date | None:
        """The last day that is told by more than the institution alone."""
        days = [min(sheet.last, self.as_of) for sheet in self.sheets.get(account.number, [])
                if sheet.is_proven]  # fmt: skip
        return max(days, default=None)

    def balance(self, account: Account, day: date) -> int | None:
        """The closing balance of a day that a statement covers, or of the day before it opens."""
        for sheet in self.sheets.get(account.number, []):
            if sheet.first <= day <= sheet.last:
                inside = [e for e in self.entries if e.account is account
                          and sheet.first <= e.day <= day]  # fmt: skip
                return inside[-1].balance if inside else sheet.opening
        for sheet in self.sheets.get(account.number, []):
            if (sheet.first - day).days == 1:
                return sheet.opening
        return None

    def counted(self, *kinds: str) -> Iterator[Entry]:
        return (each for each in self.entries if each.kind in kinds)

    def prepaid(self) -> list[Contract]:
        """Contracts paid ahead; those a receipt made so count as paid on the day of the receipt."""
        prepaid = []
        for contract in self.contracts.values():
            if contract.number in self.prepaid_by_receipt:
                prepaid.append(replace(contract, paid_on=self.prepaid_by_receipt[contract.number]))
            elif not contract.pay_after and contract.paid_on is not None:
                prepaid.append(contract)
        return prepaid

    def charged(self) -> Iterator[tuple[Contract, Charge]]:
        """Charges paid ahead that were this institution's on the day they were paid."""
        for contract in self.prepaid():
            for charge in contract.charges:
                if charge.paid_on is not None and self.holds(contract, charge.paid_on):
                    yield contract, charge


def tenure(home: str, uscc: str, successions: list[Succession]) -> tuple[date, date] | None:
    """First and last day on which what one institution registered is another's (or its own)."""
    holder, first = home, date.min
    for succession in sorted(successions, key=lambda each: each.on):
        if succession.old == holder:
            if holder == uscc:
                return first, plus(succession.on, -1)
            holder, first = succession.new, succession.on
    return (first, date.max) if holder == uscc else None
