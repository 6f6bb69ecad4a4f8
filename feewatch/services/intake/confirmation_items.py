"""What a bank may still be asked of an institution's own statements, and the figures it is shown.

A statement is asked about as a whole or by some of its days; the bank's answer may be about fewer
days than were asked. What no bank was asked of, or did not stand by, may be asked again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.ledger.balances import Balances, DayTotal, Span
from feewatch.ledger.days import Range, common_ranges, join_ranges, missing_days
from feewatch.store.database import Transaction
from feewatch.store.intake import confirmations, ledger
from feewatch.store.intake.confirmations import DayOfStatement
from feewatch.store.pages import PageRow


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A statement, and its days of which a bank may be asked."""

    row: PageRow
    left: tuple[Range, ...]

    @property
    def name(self) -> str:
        """``file#place``."""
        return f"{self.row.file_sha256}#{self.row.n}"

    @property
    def is_whole(self) -> bool:
        """Whether no bank was asked of any of its days."""
        return self.left == ((self.row.from_day, self.row.to_day),)


def list_unconfirmed(
    tx: Transaction, scope: Scope, keys: Collection[int] | None = None
) -> list[Unconfirmed]:
    """Statements with days that are an institution's word alone and of which no bank is asked."""
    rows = confirmations.list_unconfirmed(tx, scope, today(), keys)
    asked = confirmations.list_asked(tx, [row.id for row in rows])
    found = (Unconfirmed(row, _left(row, asked.get(row.id, ()))) for row in rows)
    return [statement for statement in found if statement.left]


def _left(row: PageRow, asked: Sequence[Range]) -> tuple[Range, ...]:
    if row.from_day > row.to_day:  # covers no day, and may be asked about as a whole
        return () if asked else ((row.from_day, row.to_day),)
    return tuple(missing_days(join_ranges(asked), row.from_day, row.to_day))


def narrowed(statement: Unconfirmed, days: Range) -> Unconfirmed:
    """The same with those days alone that lie among some."""
    return Unconfirmed(statement.row, tuple(common_ranges(statement.left, [days])))


def items_of(tx: Transaction, statements: Collection[Unconfirmed]) -> list[dict[str, Any]]:
    """What a letter asks of them: an item for each range of days, by account and day."""
    told = confirmations.list_days(tx, [statement.row.id for statement in statements])
    in_order = sorted(statements, key=lambda each: (each.row.account_no, each.left, each.row.id))
    return [
        _item(tx, statement.row, days, told.get(statement.row.id, ()))
        for statement in in_order
        for days in statement.left
    ]


def _item(
    tx: Transaction, row: PageRow, days: Range, told: Iterable[DayOfStatement]
) -> dict[str, Any]:
    first, last = days
    whole = row.from_day, row.to_day
    mine = [
        each for each in told
        if days == whole or first <= min(max(each.day, row.from_day), row.to_day) <= last
    ]  # fmt: skip
    opening, closing = row.opening_fen, row.closing_fen
    if days != whole:
        opening, closing = _balances(tx, row, first, last)
    return {
        "statement_id": row.id, "from_day": first, "to_day": last,
        "opening_fen": opening, "closing_fen": closing,
        "entries": sum(each.entries for each in mine),
        "in_fen": sum(each.in_fen for each in mine),
        "out_fen": sum(each.out_fen for each in mine),
    }  # fmt: skip


def _balances(
    tx: Transaction, row: PageRow, first: Day, last: Day
) -> tuple[int | None, int | None]:
    """A statement's balances before and at the end of some of its days; None where unknown."""
    span = next(each for each in ledger.list_spans(tx, row.account_id) if each.id == row.id)
    totals: list[DayTotal] = ledger.list_totals(tx, row.account_id)
    balances = Balances([span], totals)
    return _opening(span, balances, first), balances.at(span, last)


def _opening(span: Span, balances: Balances, first: Day) -> int | None:
    known = span.opening_fen if first == span.from_day else None
    return balances.at(span, first - 1) if known is None else known
