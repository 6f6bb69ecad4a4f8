"""What the oracle knows of an institution: its register rows and bank entries, read plainly."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from oracle.calendar_days import each_day, read


def fen(text: str) -> int:
    return int(Decimal(text) * 100) if text else 0


def whole(text: str) -> int | None:
    return int(text) if text else None


@dataclass(frozen=True)
class Facts:
    """One dated row of the institutions' register."""

    uscc: str
    name: str
    district: str
    subject: str
    nature: str
    custody: str
    licence_until: date | None
    renewal_applied_on: date | None
    people: tuple[str, ...]  # the legal representative and the related parties
    supervised_from: date | None
    valid_from: date | None

    @property
    def academic(self) -> bool:
        return self.subject == "academic"

    @property
    def in_custody(self) -> bool:
        return self.custody in ("bank_custody", "both")

    @property
    def on_deposit(self) -> bool:
        return self.custody in ("risk_deposit", "both")

    def lies_in(self, *prefixes: str) -> bool:
        return self.district.startswith(prefixes)


@dataclass(frozen=True)
class Account:
    number: str
    kind: str
    opened_on: date | None
    closed_on: date | None
    minimum: int | None
    cycle: str

    def is_open(self, day: date) -> bool:
        opened = self.opened_on is None or self.opened_on <= day
        return opened and (self.closed_on is None or self.closed_on > day)


@dataclass(frozen=True)
class Course:
    course_id: str
    title: str
    discipline: str
    stage: str
    mode: str
    size: int | None
    minutes: int
    price: int
    starts: date | None


@dataclass(frozen=True)
class Contract:
    number: str
    course_id: str
    student: str
    basis: str
    lessons: int | None
    gift: int
    starts: date | None
    ends: date | None
    fee: int
    paid_on: date | None
    other_fee: int
    renews: str
    channel: str
    pay_after: bool

    @property
    def total(self) -> int | None:
        return None if self.lessons is None else self.lessons + self.gift


@dataclass(frozen=True)
class Lesson:
    held_on: date
    count: int
    confirmed_on: date
    confirmed_by: str


@dataclass(frozen=True)
class Refund:
    number: str
    contract: str
    requested_on: date
    amount: int | None
    cause: str


@dataclass(frozen=True)
class Approval:
    kind: str
    amount: int | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class SchoolDays:
    """A stretch of vacation, or of term, as a place announced it."""

    place: str
    first: date
    last: date
    vacation: bool


@dataclass(eq=False)
class Entry:
    """A row of the ledger: money in is positive; None is unknown, not empty."""

    account: Account
    day: date
    fen: int
    party: str | None
    party_no: str | None
    memo: str | None
    balance: int
    n: int = 0
    kind: str = ""
    matched: dict[str, int] = field(default_factory=dict)  # contract number -> fen
    refund: str = ""

    @property
    def key(self) -> str:
        return f"{self.account.number}/{self.day}/{self.fen}/{self.n}"

    @property
    def unmatched(self) -> int:
        return self.fen - sum(self.matched.values())


@dataclass(frozen=True)
class Sheet:
    """An accepted statement as the rules across statements see it."""

    first: date
    last: date
    opening: int
    closing: int


@dataclass(eq=False)
class Books:
    """One institution with all that is on file up to the day it is looked at."""

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
    prepaid_by_receipt: dict[str, date] = field(default_factory=dict)

    @property
    def uscc(self) -> str:
        return self.facts[0].uscc

    def on(self, day: date) -> Facts:
        """The facts in force on a day."""
        return [each for each in self.facts if each.valid_from is None or each.valid_from <= day][
            -1
        ]

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
        found = []
        for each in self.contracts.values():
            if each.number in self.prepaid_by_receipt:
                found.append(replace(each, paid_on=self.prepaid_by_receipt[each.number]))
            elif not each.pay_after and each.paid_on is not None:
                found.append(each)
        return found


def institution(row: dict[str, str]) -> Facts:
    people = [row["legal_representative"], *row["related_parties"].split(";")]
    return Facts(
        row["uscc"], row["name"], row["district"], row["subject"], row["nature"], row["custody"],
        read(row["licence_until"]), read(row["renewal_applied_on"]),
        tuple(each for each in people if each), read(row["supervised_from"]),
        read(row["valid_from"]),
    )  # fmt: skip


def account(row: dict[str, str]) -> Account:
    return Account(
        row["account_no"], row["kind"], read(row["opened_on"]), read(row["closed_on"]),
        fen(row["minimum_balance"]) if row["minimum_balance"] else None, row["statement_cycle"],
    )  # fmt: skip


def course(row: dict[str, str]) -> Course:
    return Course(
        row["course_id"], row["title"], row["discipline"], row["stage"], row["mode"],
        whole(row["class_size"]), int(row["lesson_minutes"]), fen(row["price_per_lesson"]),
        read(row["starts_on"]),
    )  # fmt: skip


def contract(row: dict[str, str]) -> Contract:
    return Contract(
        row["contract_no"], row["course_id"], row["student"], row["basis"], whole(row["lessons"]),
        whole(row["gift_lessons"]) or 0, read(row["starts_on"]), read(row["ends_on"]),
        fen(row["fee"]), read(row["paid_on"]), fen(row["other_fee"]), row["renews"],
        row["channel"], row["payment"] == "pay_after",
    )  # fmt: skip


def lesson(row: dict[str, str]) -> Lesson:
    held = date.fromisoformat(row["held_on"])
    return Lesson(held, int(row["lessons"]), read(row["confirmed_on"]) or held, row["confirmed_by"])


def refund(row: dict[str, str]) -> Refund:
    return Refund(
        row["refund_no"], row["contract_no"], date.fromisoformat(row["requested_on"]),
        fen(row["amount"]) if row["amount"] else None, row["cause"],
    )  # fmt: skip


def approval(row: dict[str, str]) -> Approval:
    amount = fen(row["amount"]) if row["amount"] else None
    return Approval(row["kind"], amount, read(row["from"]), read(row["until"]))
