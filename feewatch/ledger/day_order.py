"""The order of an account's entries on a day of which several statements tell.

Pure. Each statement has its own rows in order; an entry stands as one of them, not always as one
of the statement that tells most. What comes first matters to reversals and to matching.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.tellers import Tellers


class PlacedRow(NamedTuple):
    """A stated row by its place in its statement, and the entry that it is or belongs to."""

    account_id: int
    day: Day
    statement_id: int
    seq: int
    entry_id: int


def day_orders(
    rows: Iterable[PlacedRow], tellers_of: Callable[[int], Tellers]
) -> dict[tuple[int, Day], list[int]]:
    """The entries in order, by account and day, of days of which more than one statement tells.

    ``rows``: all of them, merged or not; ``tellers_of``: who tells of the days of an account.
    """
    days: defaultdict[tuple[int, Day], defaultdict[int, list[PlacedRow]]]
    days = defaultdict(lambda: defaultdict(list))
    for row in rows:
        days[row.account_id, row.day][row.statement_id].append(row)
    orders = {}
    for (account, day), told in days.items():
        if len(told) > 1:
            chains = tellers_of(account).of(day).list_chains()
            orders[account, day] = _merged(
                [[row.entry_id for key in chain for row in sorted(told[key])] for chain in chains]
            )
    return orders


def in_order(rows: Sequence[Any], orders: Mapping[tuple[int, Day], Iterable[int]]) -> Sequence[Any]:
    """Entries by day, those of an account's day in the order that ``day_orders`` has for it.

    ``rows``: with their id, account_id and booked_on; some that an order names may be missing.
    """
    if not orders:
        return rows
    by_key = {row.id: row for row in rows}
    waiting = {key: iter([e for e in order if e in by_key]) for key, order in orders.items()}
    return [
        by_key[next(waiting[of])] if (of := (row.account_id, row.booked_on)) in waiting else row
        for row in rows
    ]


def _merged(sequences: Sequence[Sequence[int]]) -> list[int]:
    """One order of all, begun with the longest; others put in behind what they come after."""
    order: list[int] = []
    for sequence in sorted(sequences, key=len, reverse=True):
        places = {entry: place for place, entry in enumerate(order)}
        behind: defaultdict[int, list[int]] = defaultdict(list)
        last = -1
        for entry in dict.fromkeys(sequence):
            if entry in places:
                last = max(last, places[entry])
            else:
                behind[last].append(entry)
        merged = list(behind[-1])
        for place, entry in enumerate(order):
            merged += [entry, *behind[place]]
        order = merged
    return order
