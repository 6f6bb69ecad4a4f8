"""The first statements of an account on days that several of them tell, before they are written.

Pure. Where no row of one is a row of another, nothing has to be merged once they are stored: all
that is needed of these days is how the rows count and in which order they stand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.balances import DayTotal, Span, day_totals
from feewatch.ledger.day_order import PlacedRow, day_orders
from feewatch.ledger.merging import EntryTexts, StatedEntry, merge_day
from feewatch.ledger.numbering import Downloads, NoIds, NumberedRow
from feewatch.ledger.tellers import Tellers
from feewatch.ledger.words import is_proven
from feewatch.statements.columns import Rows, StatedRow

#: Of an account with more rows the references are not held beside each other.
_MOST_ROWS = 100_000
_TEXTS = tuple(map(StatedRow._fields.index, (*EntryTexts._fields[:-1], "reversal")))
_AMOUNT = StatedRow._fields.index("amount_fen")
_DAY = StatedRow._fields.index("booked_on")


class FirstDays(NamedTuple):
    """Days of an account of which several statements tell, by the places of their rows."""

    numbers: Mapping[int, int]  # among the equal ones of the day, from 1
    orders: Mapping[tuple[int, Day], Sequence[int]]  # by account and day


class PlacedRows(NamedTuple):
    """The rows of a statement of an account."""

    statement_id: int
    rows: Rows
    place: int  # of the first one among all rows of the institution


def tell_apart(
    account_id: int, spans: Sequence[Span], statements: Sequence[PlacedRows]
) -> FirstDays | None:
    """The days that several statements tell; None where rows of two may be one entry.

    ``spans``: all statements of the account; ``statements``: those with rows.
    """
    if not all(map(is_proven, spans)) or not _have_ids(statements):
        return None
    totals = list(chain.from_iterable(totals_of(key, rows) for key, rows, _ in statements))
    told = Counter(total.day for total in totals)
    shared = {day for day, times in told.items() if times > 1}
    stated: defaultdict[Day, dict[int, list[StatedEntry]]] = defaultdict(dict)
    for statement in statements:
        for day, row in _stated(statement, shared):
            stated[day].setdefault(row.statement_id, []).append(row)
    tellers = Tellers(spans, totals)
    no_ids = _no_ids(stated, tellers)
    numbers: dict[int, int] = {}
    for day, rows in stated.items():
        chains = tellers.of(day).list_chains()
        sides = [[row for key in keys for row in rows[key]] for keys in chains]
        for payment in merge_day(sides, no_ids):
            if len(payment.members) > 1:
                return None
            numbers[payment.kept.id] = payment.n
    return FirstDays(numbers, day_orders(_placed(account_id, stated), lambda _: tellers))


def _have_ids(statements: Sequence[PlacedRows]) -> bool:
    """Whether their rows are few, by the order of days, and no two have a reference in common."""
    count = sum(len(each.rows) for each in statements)
    if count > _MOST_ROWS or not all(each.rows.is_forward() for each in statements):
        return False
    every = chain.from_iterable(each.rows.column("reference") for each in statements)
    references = [reference for reference in every if reference is not None]
    return len(references) == len({*references})


def totals_of(statement_id: int, rows: Rows) -> Iterator[DayTotal]:
    """The days of a statement whose rows are in their order, all of them entries of their own."""
    told = map(rows.column, ("booked_on", "amount_fen", "booked_time"))
    return day_totals(statement_id, zip(*told, strict=True))


def _stated(statement: PlacedRows, shared: set[Day]) -> Iterator[tuple[Day, StatedEntry]]:
    """The rows of these days as they would be read from the ledger, their places for keys."""
    place = statement.place
    for block in statement.rows.blocks():
        for n, day in enumerate(block[_DAY]):
            if day in shared:
                *texts, mark = (block[at][n] for at in _TEXTS)
                told = EntryTexts._make((*texts, mark or None))  # False tells nothing
                amount = block[_AMOUNT][n]
                yield day, StatedEntry(place + n, statement.statement_id, amount, 0, told)
        place += len(block[_DAY])


def _no_ids(stated: Mapping[Day, Mapping[int, Sequence[StatedEntry]]], tellers: Tellers) -> NoIds:
    """Statements whose numbers are made anew, where each reference names one row."""
    downloads = Downloads()
    for day, rows in stated.items():
        numbered = (
            NumberedRow(row.statement_id, row.amount_fen, row.told.reference)
            for row in chain.from_iterable(rows.values())
            if row.told.reference is not None
        )
        downloads.add(numbered, tellers.of(day))
    return NoIds(statements=frozenset(downloads.list_made_anew()))


def _placed(
    account_id: int, stated: Mapping[Day, Mapping[int, Sequence[StatedEntry]]]
) -> Iterator[PlacedRow]:
    for day, rows in stated.items():
        for row in chain.from_iterable(rows.values()):
            yield PlacedRow(account_id, day, row.statement_id, row.id, row.id)
