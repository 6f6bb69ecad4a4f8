"""One row of each register, as read from a file and as kept in the database.

Days are day numbers, amounts fen; None is an empty cell. ``uscc`` names the institution.
"""

from typing import NamedTuple

from feewatch.kernel.days import Day, months_ahead, months_between


class Institution(NamedTuple):
    """What holds of an institution from a day on."""

    uscc: str
    name: str
    district: str
    subject: str
    nature: str
    custody: str
    licence_no: str | None
    licence_until: Day | None
    renewal_applied_on: Day | None
    legal_representative: str | None
    related_parties: str | None
    supervised_from: Day | None
    valid_from: Day


class BankAccount(NamedTuple):
    """A bank account of an institution."""

    uscc: str
    account_no: str
    bank: str
    kind: str
    opened_on: Day | None
    closed_on: Day | None
    minimum_balance_fen: int | None
    statement_cycle: str | None


class Course(NamedTuple):
    """A course at its published price."""

    course_id: str
    uscc: str
    title: str
    discipline: str
    stage: str
    mode: str
    class_size: int | None
    lesson_minutes: int
    lessons: int | None
    price_per_lesson_fen: int
    starts_on: Day | None
    ends_on: Day | None


class Contract(NamedTuple):
    """A contract of a student, and the measures that no two SQL dialects compute alike."""

    contract_no: str
    uscc: str
    course_id: str
    student: str
    basis: str
    lessons: int | None
    gift_lessons: int
    starts_on: Day | None
    ends_on: Day | None
    fee_fen: int
    paid_on: Day | None
    other_fee_fen: int | None
    renews: str | None
    channel: str | None
    payment: str
    site_no: str | None = None
    ended_on: Day | None = None
    settlement: str | None = None

    @property
    def total_lessons(self) -> int | None:
        """Lessons with gifts; None where unknown or none, as nothing can be divided by it."""
        return None if self.lessons is None else self.lessons + self.gift_lessons or None

    @property
    def span_months(self) -> int | None:
        """Completed calendar months from start to end."""
        if self.starts_on is None or self.ends_on is None:
            return None
        return months_between(self.starts_on, self.ends_on)

    @property
    def lead_months(self) -> int | None:
        """Completed calendar months from payment to start, at least 0."""
        if self.paid_on is None or self.starts_on is None:
            return None
        return max(0, months_between(self.paid_on, self.starts_on))

    @property
    def lead_months_up(self) -> int | None:
        """The smallest number of months within which payment lies before the start."""
        if self.paid_on is None or self.starts_on is None:
            return None
        return months_ahead(self.paid_on, self.starts_on)


class Lesson(NamedTuple):
    """Lessons of a contract that were held on a day; 0 cancels them."""

    contract_no: str
    held_on: Day
    lessons: int
    confirmed_on: Day | None
    confirmed_by: str | None
    uscc: str | None  # empty only until the contract is found


class Refund(NamedTuple):
    """A request for money back."""

    refund_no: str
    contract_no: str
    requested_on: Day
    amount_fen: int | None
    cause: str | None
    uscc: str | None  # empty only until the contract is found


class Approval(NamedTuple):
    """A decision of the office that permits what would otherwise be a breach."""

    uscc: str
    kind: str
    document: str
    amount_fen: int | None
    from_day: Day
    to_day: Day | None


class Charge(NamedTuple):
    """What a contract charges at once; the amounts of a contract add up to its fee."""

    contract_no: str
    charge_no: str
    due_on: Day
    amount_fen: int
    lessons: int | None
    starts_on: Day | None
    ends_on: Day | None
    paid_on: Day | None  # empty until it is paid
    uscc: str | None  # empty only until the contract is found

    @property
    def span_months(self) -> int | None:
        """Completed calendar months from start to end."""
        if self.starts_on is None or self.ends_on is None:
            return None
        return months_between(self.starts_on, self.ends_on)


class Site(NamedTuple):
    """A campus of an institution; its district's officers see the institution too."""

    uscc: str
    site_no: str
    district: str
    name: str | None
    address: str | None
    licence_no: str | None
    opened_on: Day | None
    closed_on: Day | None


class Succession(NamedTuple):
    """From a day on the contracts of one institution are those of another; ``uscc`` is the old."""

    uscc: str
    to_uscc: str
    on_day: Day
    document: str | None


class Premises(NamedTuple):
    """A place where somebody teaches, and what papers it has."""

    premises_no: str
    district: str
    address: str
    found_on: Day
    found_by: str | None
    name: str | None
    state: str
    disposal: str
    disposed_on: Day | None
    uscc: str | None


class Clue(NamedTuple):
    """What somebody told the office; never who told it."""

    clue_no: str
    received_on: Day
    source: str
    district: str
    text: str
    uscc: str | None
    address: str | None
    state: str
    answered_on: Day | None
    due_on: Day | None = None  # by when who sent it wants an answer


class OpeningRow(NamedTuple):
    """What a fee account or an old contract held when supervision began."""

    uscc: str
    account_no: str | None
    contract_no: str | None
    amount_fen: int


Record = (
    Institution | BankAccount | Course | Contract | Charge | Lesson | Refund | Approval | Site
    | Succession | Premises | Clue | OpeningRow
)  # fmt: skip
