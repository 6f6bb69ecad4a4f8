"""What a bank file comes to: statements of rows as the bank states them, and the faults found."""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from typing import Literal

from feewatch.kernel.days import Day
from feewatch.kernel.problems import Problem
from feewatch.statements.columns import Rows, StatedRow

#: Faults inside a statement, in the order in which the first one is its reason for quarantine.
#: One that cannot be read, though others of its file can, is refused alone. ``days``: an entry is
#: booked after the day of receipt or before banks kept such records, which the intake judges.
FaultKind = Literal["unreadable", "truncated", "currency", "unregistered", "arithmetic", "days"]
FAULT_ORDER: tuple[FaultKind, ...] = (
    "unreadable", "truncated", "currency", "unregistered", "arithmetic", "days",
)  # fmt: skip


@dataclass(frozen=True)
class StatementFault:
    """A reason for quarantine found while reading."""

    kind: FaultKind
    problem: Problem


@dataclass
class Statement:
    """One account, one period; rows oldest first.

    The days from ``from_day`` to ``to_day`` are those that the file names, where it names any; an
    entry booked on another day is noted and widens nothing.
    """

    n: int  # 1-based place in the file
    account_no: str
    account_name: str | None
    currency: str
    from_day: Day
    to_day: Day
    opening_fen: int | None
    closing_fen: int | None
    stated: InitVar[Iterable[StatedRow]]
    rows: Rows = field(init=False)
    faults: list[StatementFault] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)  # reported, no ground for quarantine
    difference_fen: int | None = None  # opening + entries - closing, where that is not 0

    def __post_init__(self, stated: Iterable[StatedRow]) -> None:
        """Hold the rows column by column."""
        self.rows = Rows.of(stated)


@dataclass(frozen=True)
class FileReading:
    """A file as read: statements, or, where it cannot be read at all, the problems alone."""

    dialect: str | None
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    header: str | None = None  # hash of a table's header, to notice a bank changing it
