"""Merges the rows of days of which more than one statement tells, each day afresh from all rows."""

from collections import Counter
from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from feewatch.ledger.days import Range
from feewatch.ledger.merging import Merged, StatedEntry, merge_day
from feewatch.ledger.numbering import Downloads, NoIds
from feewatch.ledger.tellers import Tellers
from feewatch.store.database import Transaction
from feewatch.store.intake import ledger


class SharedDays(NamedTuple):
    """Days of an account of which at least two statements tell."""

    all: list[Range]
    added: list[Range]  # those of which a statement just accepted tells


def read_no_ids(tx: Transaction, account_id: int) -> NoIds:
    """References that name more than one row, and statements that number each file anew."""
    words, renumbered = ledger.list_no_ids(tx, account_id), ledger.list_renumbered(tx, account_id)
    return NoIds(frozenset(words), frozenset(renumbered))


def merge(
    tx: Transaction, account_id: int, shared: SharedDays, added: Collection[int], known: NoIds
) -> Counter[int]:
    """Merge days after statements were added: key -> entries that no earlier statement told of.

    ``known``: what ``read_no_ids`` found before. Where it turns out which references are ids, rows
    of other days may be one that were two, so that all days are merged again.
    """
    spans, totals = ledger.list_spans(tx, account_id), ledger.list_totals(tx, account_id)
    tellers = Tellers(spans, totals)
    before, after = Downloads(), Downloads()
    numbered = ledger.list_numbered(tx, account_id, shared.all)
    for day, pairs in groupby(numbered, itemgetter(0)):
        rows = [row for _, row in pairs]
        after.add(rows, tellers.of(day))
        rows = [row for row in rows if row.statement_id not in added]
        before.add(rows, tellers.of(day, but=added))
    known = known.joined(before.list_made_anew())
    no_ids = read_no_ids(tx, account_id).joined(after.list_made_anew())
    ranges = shared.added if no_ids == known else shared.all
    return _merge_days(tx, account_id, ranges, tellers, no_ids, added)


def _merge_days(
    tx: Transaction,
    account_id: int,
    ranges: list[Range],
    tellers: Tellers,
    no_ids: NoIds,
    added: Collection[int],
) -> Counter[int]:
    new: Counter[int] = Counter()
    changed: list[Merged] = []
    for day, told in groupby(ledger.list_stated(tx, account_id, ranges), itemgetter(0)):
        stated: dict[int, list[StatedEntry]] = {}
        present: dict[int, Merged] = {}
        for _, row, merged in told:
            stated.setdefault(row.statement_id, []).append(row)
            present[row.id] = merged
        chains = tellers.of(day).list_chains()
        by_teller = [[row for key in chain for row in stated[key]] for chain in chains]
        for payment in merge_day(by_teller, no_ids):
            changed += (row for row in payment.rows() if row != present[row.id])
            keys = {row.statement_id for row in payment.members}
            if keys.issubset(added):
                new[min(keys)] += 1
    ledger.set_merged(tx, changed)
    return new
