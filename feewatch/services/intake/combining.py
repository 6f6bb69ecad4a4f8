"""Merges the rows of days of which more than one statement tells, each day afresh from all rows.

Rows of bank and office are merged by themselves; those of the institution's own statements are
then held against them.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from feewatch.ledger.balances import Span
from feewatch.ledger.days import Range, covered_ranges, is_within
from feewatch.ledger.merging import Merged, StatedEntry, merge_day
from feewatch.ledger.numbering import Downloads, NoIds
from feewatch.ledger.parts import Cut, cut
from feewatch.ledger.tellers import Tellers
from feewatch.ledger.words import is_proven
from feewatch.store.database import Transaction
from feewatch.store.intake import ledger, words

Ranges = list[Range]


class SharedDays(NamedTuple):
    """Days of an account of which at least two statements tell."""

    all: list[Range]
    added: list[Range]  # those of which a statement just accepted tells


class KnownIds(NamedTuple):
    """References that are no ids: as bank and office number their rows, and as all files do."""

    proven: NoIds
    all: NoIds


def read_no_ids(tx: Transaction, account_id: int, spans: Sequence[Span]) -> KnownIds:
    """References that name more than one row, and statements that number each file anew.

    ``spans``: all of the account.
    """
    claimed = {span.id for span in spans if not is_proven(span)}
    every = _read_no_ids(tx, account_id)
    return KnownIds(_read_no_ids(tx, account_id, claimed) if claimed else every, every)


def _read_no_ids(tx: Transaction, account_id: int, but: Collection[int] = ()) -> NoIds:
    no_ids = ledger.list_no_ids(tx, account_id, but)
    return NoIds(frozenset(no_ids), frozenset(ledger.list_renumbered(tx, account_id, but)))


def merge(
    tx: Transaction,
    account_id: int,
    spans: Sequence[Span],
    shared: SharedDays,
    added: Collection[int],
    known: KnownIds,
) -> Counter[int]:
    """Merge days after statements were added: key -> entries that no earlier statement told of.

    ``spans``: all of the account. ``known``: what ``read_no_ids`` found before. Where it turns out
    which references are ids, rows of other days may be one that were two, so that all days are
    merged again.
    """
    told = _read_told(tx, account_id, spans)
    before, after = _list_made_anew(tx, account_id, shared, told, added)
    known = _joined(known, before)
    no_ids = _joined(read_no_ids(tx, account_id, spans), after)
    ranges = shared.added if no_ids == known else shared.all
    return _merge_days(tx, account_id, ranges, told, no_ids, added)


def merge_again(tx: Transaction, account_id: int, spans: Sequence[Span], shared: Ranges) -> None:
    """Merge all days of which several statements tell, after a word came to count otherwise."""
    told = _read_told(tx, account_id, spans)
    _, after = _list_made_anew(tx, account_id, SharedDays(shared, shared), told, ())
    no_ids = _joined(read_no_ids(tx, account_id, spans), after)
    _merge_days(tx, account_id, shared, told, no_ids, ())


def _read_told(tx: Transaction, account_id: int, spans: Sequence[Span]) -> Cut:
    totals = ledger.list_totals(tx, account_id)
    return cut(spans, totals, words.list_confirmed(tx, account_id))


def _joined(known: KnownIds, made_anew: tuple[set[int], set[int]]) -> KnownIds:
    return KnownIds(known.proven.joined(made_anew[0]), known.all.joined(made_anew[1]))


def _list_made_anew(
    tx: Transaction, account_id: int, shared: SharedDays, cut_up: Cut, added: Collection[int]
) -> tuple[tuple[set[int], set[int]], tuple[set[int], set[int]]]:
    """Statements whose numbers are made anew, among the proven and among all; before and after."""
    told = cut_up.told
    sides = [told.proven, told] if told.is_mixed else [told]
    tellers = [Tellers(*side) for side in sides]
    keys = [{span.id for span in side.spans} for side in sides]
    before, after = [Downloads() for _ in sides], [Downloads() for _ in sides]
    numbered = ledger.list_numbered(tx, account_id, shared.all)
    for day, pairs in groupby(numbered, itemgetter(0)):
        rows = [
            row._replace(statement_id=cut_up.part_of(row.statement_id, day)) for _, row in pairs
        ]
        for place, among in enumerate(keys):
            mine = [row for row in rows if row.statement_id in among]
            after[place].add(mine, tellers[place].of(day))
            old = [row for row in mine if row.statement_id not in added]
            before[place].add(old, tellers[place].of(day, but=added))
    ends = [
        tuple({cut_up.owner_of(part) for part in each.list_made_anew()} for each in side)
        for side in (before, after)
    ]
    return (ends[0][0], ends[0][-1]), (ends[1][0], ends[1][-1])


def _merge_days(
    tx: Transaction,
    account_id: int,
    ranges: Ranges,
    cut_up: Cut,
    no_ids: KnownIds,
    added: Collection[int],
) -> Counter[int]:
    new: Counter[int] = Counter()
    changed: list[Merged] = []
    proven, claimed = cut_up.told.proven, cut_up.told.claimed
    tellers = Tellers(*proven), Tellers(*claimed)
    covered = covered_ranges(proven.spans)
    for day, rows in groupby(ledger.list_stated(tx, account_id, ranges), itemgetter(0)):
        stated: dict[int, list[StatedEntry]] = {}
        present: dict[int, Merged] = {}
        for _, row, merged in rows:
            stated.setdefault(cut_up.part_of(row.statement_id, day), []).append(row)
            present[row.id] = merged
        sides = [
            [[row for key in chain for row in stated[key]] for chain in side.of(day).list_chains()]
            for side in tellers
        ]
        payments = merge_day(
            sides[0], no_ids.proven, sides[1], no_ids.all, is_covered=is_within(day, covered)
        )
        for payment in payments:
            changed += (row for row in payment.rows() if row != present[row.id])
            keys = {row.statement_id for row in payment.all_rows}
            if keys.issubset(added) and not payment.is_refuted:
                new[min(keys)] += 1
    ledger.set_merged(tx, changed)
    return new
