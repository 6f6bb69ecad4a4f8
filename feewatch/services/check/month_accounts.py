"""The accounts of an institution in a span of days: opening + in - out = closing, as the bank says.

What no accepted statement covers is unknown: the figure is None and what is seen stands apart.
"""

from collections.abc import Collection
from dataclasses import dataclass

from feewatch.kernel.days import Day
from feewatch.ledger.days import missing_days
from feewatch.store.check import month_ledger
from feewatch.store.check.month_ledger import Flow
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow

Days = tuple[Day, Day]


@dataclass(frozen=True)
class AccountMonth:
    """One account; balances in fen, None where no statement tells them."""

    account_no: str
    bank: str
    kind: str  # fee, deposit, settlement
    opening_fen: int | None
    closing_fen: int | None
    missing: tuple[Days, ...]  # days on which it was open that no statement covers
    flows: tuple[Flow, ...]  # what is seen, by kind and direction

    @property
    def is_covered(self) -> bool:
        """Whether statements cover every day on which it was open."""
        return not self.missing

    @property
    def seen_in_fen(self) -> int:
        """What is seen to have come in."""
        return sum(flow.fen for flow in self.flows if flow.is_in)

    @property
    def seen_out_fen(self) -> int:
        """What is seen to have gone out."""
        return sum(flow.fen for flow in self.flows if not flow.is_in)

    @property
    def in_fen(self) -> int | None:
        """What came in; None where days are missing."""
        return self.seen_in_fen if self.is_covered else None

    @property
    def out_fen(self) -> int | None:
        """What went out; None where days are missing."""
        return self.seen_out_fen if self.is_covered else None

    @property
    def difference_fen(self) -> int | None:
        """Opening + in - out - closing, zero where the statements agree; None where unknown."""
        if self.opening_fen is None or self.closing_fen is None or not self.is_covered:
            return None
        return self.opening_fen + self.seen_in_fen - self.seen_out_fen - self.closing_fen

    @property
    def unmatched_fen(self) -> int:
        """Receipts that no contract explains."""
        receipts = [flow for flow in self.flows if flow.kind == "receipt" and flow.is_in]
        return sum(flow.fen - flow.matched_fen for flow in receipts)

    def flow_of(self, kinds: Collection[str], *, inward: bool) -> int:
        """What moved in one direction in entries of these kinds."""
        return sum(flow.fen for flow in self.flows if flow.kind in kinds and flow.is_in == inward)


def read_accounts(
    tx: Transaction, institution_id: int, first: Day, last: Day
) -> list[AccountMonth]:
    """Every account of an institution that was open on one of the days."""
    accounts = month_ledger.list_accounts(tx, institution_id, first, last)
    keys = [account.id for account in accounts]
    covered = month_ledger.list_covered(tx, keys)
    flows = month_ledger.list_flows(tx, keys, first, last)
    before, after = (month_ledger.closings(tx, keys, day) for day in (first - 1, last))
    stated = month_ledger.openings(tx, keys)
    lines = []
    for account in accounts:
        start, end, is_closed = _open_days(account, first, last)
        ranges = covered[account.id]
        opening, closing = stated.get((account.id, start)), after.get(account.id)
        if not missing_days(ranges, first - 1, first - 1):
            opening = before.get(account.id)
        if is_closed:
            closing = 0
        elif missing_days(ranges, end, end):
            closing = None
        lines.append(
            AccountMonth(
                account.account_no,
                account.bank,
                account.kind,
                opening,
                closing,
                tuple(missing_days(ranges, start, end)),
                tuple(flows[account.id]),
            )
        )
    return lines


def _open_days(account: PageRow, first: Day, last: Day) -> tuple[Day, Day, bool]:
    """The days of the span on which an account was open, and whether it closed within it."""
    start = max(first, account.opened_on or first)
    is_closed = account.closed_on is not None and account.closed_on <= last
    return start, account.closed_on - 1 if is_closed else last, is_closed
