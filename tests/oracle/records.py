"""Rows of the registers and of the ledger, read plainly."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from oracle.calendar_days import read


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
    uscc: str
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
class Charge:
    """What is charged at once: a part of a contract, or a contract that has no parts."""

    contract_no: str
    number: str | None  # None: the contract is its own charge
    due_on: date | None
    amount: int
    lessons: int | None
    gift: int  # gift lessons belong to the contract, not to a part of it
    starts: date | None
    ends: date | None
    paid_on: date | None

    @property
    def total(self) -> int | None:
        return None if self.lessons is None else self.lessons + self.gift

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and id."""
        if self.number is None:
            return "contract", self.contract_no
        return "charge", f"{self.contract_no}/{self.number}"


#: Ways of ending a contract after which nobody asks for what was due and not refunded.
WAIVED = ("agreed", "court", "transferred")


@dataclass(frozen=True)
class Contract:
    home: str  # the institution whose register it is in
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
    ended_on: date | None = None
    settlement: str = ""
    parts: tuple[Charge, ...] = ()  # in the order in which they fall due

    @property
    def total(self) -> int | None:
        return None if self.lessons is None else self.lessons + self.gift

    @property
    def charges(self) -> tuple[Charge, ...]:
        """The parts it is charged in; without parts it is its own only charge."""
        return self.parts or (
            Charge(self.number, None, None, self.fee, self.lessons, self.gift, self.starts,
                   self.ends, self.paid_on),
        )  # fmt: skip

    def paid(self, day: date) -> int:
        """What of its fee was paid by the end of a day, as the register tells it."""
        return sum(charge.amount for charge in self.charges
                   if charge.paid_on is not None and charge.paid_on <= day)  # fmt: skip

    def refundable(self, day: date) -> int:
        """What a refund asked for on a day starts from: its fee, or what was paid of its parts."""
        return self.paid(day) if self.parts else self.fee

    def is_settled(self, day: date) -> bool:
        """Whether it has ended by a day, and how it was settled is on file."""
        return self.ended_on is not None and bool(self.settlement) and self.ended_on <= day

    def is_waived(self, day: date) -> bool:
        return self.is_settled(day) and self.settlement in WAIVED


@dataclass(frozen=True)
class Succession:
    """From a day on the contracts of one institution are another's."""

    old: str
    new: str
    on: date


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
    pays: dict[tuple[str, str], int] = field(default_factory=dict)  # subject of a charge -> fen
    refund: str = ""
    came_back: int = 0  # of a refund, by 退汇 or 退回

    @property
    def key(self) -> str:
        return f"{self.account.number}/{self.day}/{self.fen}/{self.n}"

    @property
    def net(self) -> int:
        """What it moved in the end: a refund that came back is not paid."""
        return self.fen + self.came_back

    @property
    def unmatched(self) -> int:
        return self.net - sum(self.matched.values())


@dataclass(frozen=True)
class Sheet:
    """An accepted statement as the rules across statements see it."""

    first: date
    last: date
    opening: int
    closing: int
    is_proven: bool = True  # told by more than the institution alone


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
        row["uscc"], row["account_no"], row["kind"], read(row["opened_on"]), read(row["closed_on"]),
        fen(row["minimum_balance"]) if row["minimum_balance"] else None, row["statement_cycle"],
    )  # fmt: skip


def course(row: dict[str, str]) -> Course:
    return Course(
        row["course_id"], row["title"], row["discipline"], row["stage"], row["mode"],
        whole(row["class_size"]), int(row["lesson_minutes"]), fen(row["price_per_lesson"]),
        read(row["starts_on"]),
    )  # fmt: skip


def contract(row: dict[str, str], charges: list[dict[str, str]] = ()) -> Contract:
    parts = sorted((charge(each) for each in charges), key=lambda part: (part.due_on, part.number))
    return Contract(
        row["uscc"], row["contract_no"], row["course_id"], row["student"], row["basis"],
        whole(row["lessons"]), whole(row["gift_lessons"]) or 0, read(row["starts_on"]),
        read(row["ends_on"]), fen(row["fee"]), read(row["paid_on"]), fen(row["other_fee"]),
        row["renews"], row["channel"], row["payment"] == "pay_after",
        read(row.get("ended_on", "")), row.get("settlement", ""), tuple(parts),
    )  # fmt: skip


def charge(row: dict[str, str]) -> Charge:
    return Charge(
        row["contract_no"], row["charge_no"], read(row["due_on"]), fen(row["amount"]),
        whole(row["lessons"]), 0, read(row["starts_on"]), read(row["ends_on"]),
        read(row["paid_on"]),
    )  # fmt: skip


def succession(row: dict[str, str]) -> Succession:
    return Succession(row["from_uscc"], row["to_uscc"], date.fromisoformat(row["on"]))


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
