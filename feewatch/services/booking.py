"""Books accepted statements into the ledger of their account, with all that is derived from it."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from operator import itemgetter

from feewatch.kernel.days import Day
from feewatch.ledger import days
from feewatch.ledger.classification import Account as LedgerAccount
from feewatch.ledger.classification import Kind, first_kinds
from feewatch.ledger.merging import Merged, Stated, merge_day
from feewatch.statements.columns import Rows
from feewatch.statements.model import Statement
from feewatch.store import ledger
from feewatch.store.bankfiles import Account
from feewatch.store.database import Transaction


def book(tx: Transaction, of: Account, statements: Sequence[tuple[int, Statement]]) -> Counter[int]:
    """Add the rows of statements just accepted for one account: key -> entries new by it.

    Days that no other statement covers need no merging; the others are merged afresh.
    """
    spans = ledger.list_spans(tx, of.id)
    shared = days.shared_ranges(spans)
    no_ids = ledger.list_no_ids(tx, of.id) if shared else set()
    new: Counter[int] = Counter()
    for key, statement in statements:
        numbers = array("q", _number(statement.rows, shared))
        ledger.add_rows(tx, of, key, statement.rows, numbers, _kinds(of, statement.rows, numbers))
        new[key] = len(numbers) - numbers.count(0)
    if shared:
        new.update(_merge(tx, of, shared, {key for key, _ in statements}, no_ids))
    totals = ledger.list_totals(tx, of.id)
    ledger.put_closings(tx, of, days.closings(spans, totals))
    ledger.put_coverage(tx, of, days.covered_ranges(spans))
    ledger.put_links(tx, of, days.links(spans, totals))
    return new


def _number(rows: Rows, shared: Sequence[days.Range]) -> Iterator[int]:
    """For each row its place among the equal ones of its day; 0 where the day is to be merged."""

    @cache
    def is_shared(day: Day) -> bool:
        return any(start <= day <= end for start, end in shared)

    is_forward = all(a <= b for a, b in pairwise(rows.column("booked_on")))
    equal: dict[tuple[Day, int], int] = {}
    last = None
    for booked, amounts in rows.columns("booked_on", "amount_fen"):
        for key in zip(booked, amounts, strict=True):
            if is_forward and key[0] != last:
                equal.clear()  # an earlier day does not come back
                last = key[0]
            equal[key] = n = 0 if is_shared(key[0]) else equal.get(key, 0) + 1
            yield n


def _kinds(of: Account, rows: Rows, numbers: Iterable[int]) -> Iterator[Kind | None]:
    """What the rows are by themselves, so that matching need correct few; None: to be merged."""
    alone = first_kinds(
        LedgerAccount(of.id, of.account_no, of.kind),
        zip(rows.column("amount_fen"), rows.column("memo"), strict=True),
    )
    return (kind if n else None for kind, n in zip(alone, numbers, strict=True))


def _merge(
    tx: Transaction,
    of: Account,
    shared: Sequence[days.Range],
    added: set[int],
    no_ids_before: Collection[str],
) -> Counter[int]:
    """Merge the days that several statements cover: key -> entries no earlier statement told of.

    Where a reference turned out to be no id, rows that it kept apart on other days may be one.
    """
    no_ids = ledger.list_no_ids(tx, of.id)
    if no_ids == no_ids_before:
        spans = (span for span in ledger.list_spans(tx, of.id) if span.id in added)
        shared = days.common_ranges(shared, days.covered_ranges(spans))
    new: Counter[int] = Counter()
    changed: list[Merged] = []
    for _, rows in groupby(ledger.list_stated(tx, of.id, shared), key=itemgetter(0)):
        stated, present = [], {}
        for _, row, merged in rows:
            stated.append(row)
            present[row.id] = merged
        for payment in merge_day(_by_statement(stated), no_ids):
            changed += (row for row in payment.rows() if row != present[row.id])
            tellers = {row.statement_id for row in payment.members}
            if tellers <= added:
                new[min(tellers)] += 1
    ledger.set_merged(tx, changed)
    return new


def _by_statement(rows: Sequence[Stated]) -> list[list[Stated]]:
    return [list(each) for _, each in groupby(rows, key=lambda row: row.statement_id)]
