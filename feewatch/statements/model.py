"""What a bank file comes to: statements of rows as the bank states them, and the faults found."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.problems import Problem

#: Faults inside a statement, in the order in which the first one is its reason for quarantine.
FaultKind = Literal["truncated", "currency", "unregistered", "arithmetic"]
FAULT_ORDER: tuple[FaultKind, ...] = ("truncated", "currency", "unregistered", "arithmetic")


class Row(NamedTuple):
    """One stated row. Texts are NFKC-normalised, None where the file does not tell or is empty."""

    line: int  # line in the file, or the line of the XML element
    booked_on: Day
    booked_time: str | None  # HH:MM:SS, bank time
    value_on: Day | None
    amount_fen: int  # in > 0, out < 0
    balance_fen: int | None
    counterparty: str | None
    counterparty_account: str | None
    memo: str | None
    reference: str | None  # the bank's id of the row; None where the format has only ordinals
    reversal: bool  # RC/RD, RvslInd or a reversal mark of the layout


@dataclass(frozen=True)
class Fault:
    """A reason for quarantine found while reading."""

    kind: FaultKind
    problem: Problem


@dataclass
class Statement:
    """One account, one period; rows oldest first."""

    n: int  # 1-based place in the file
    account_no: str
    account_name: str | None
    currency: str
    from_day: Day
    to_day: Day
    opening_fen: int | None
    closing_fen: int | None
    rows: list[Row]
    faults: list[Fault] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)  # reported, no ground for quarantine
    difference_fen: int | None = None  # opening + entries - closing, where that is not 0


@dataclass(frozen=True)
class Reading:
    """A file as read: statements, or, where it cannot be read at all, the problems alone."""

    dialect: str | None
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    header: str | None = None  # hash of a table's header, to notice a bank changing it
