"""Where a bank tells of a day again with other rows: what was added, what is gone, what changed.

Pure. Both versions stay in the ledger; which of them is right is for the bank to say.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.balances import Span
from feewatch.ledger.merging import StatedEntry
from feewatch.ledger.tellers import Tellers

Kind = Literal["added", "missing", "changed"]


class RestatedRow(NamedTuple):
    """A stated row and the entry of the ledger it is part of."""

    day: Day
    stated: StatedEntry
    entry_id: int


class RestatedPair(NamedTuple):
    """A row that the later statement adds, leaves out, or tells otherwise."""

    kind: Kind
    before: RestatedRow | None
    after: RestatedRow | None


class Restatement(NamedTuple):
    """Two statements that tell of the same days with different rows."""

    earlier_id: int
    later_id: int  # the one put on file later
    differences: tuple[RestatedPair, ...]  # in the order of days


#: By what a row of one version is known for one of the other, the surest first.
_LIKENESS: tuple[Callable[[StatedEntry], Hashable], ...] = (
    lambda row: row.told.reference and (row.told.reference, row.amount_fen),
    lambda row: (row.amount_fen, row.told.counterparty, row.told.memo),
    lambda row: row.told.reference,
    lambda row: row.amount_fen,
    lambda row: row.told.memo and row.told.counterparty and (row.told.counterparty, row.told.memo),
)


def find_restatements(
    spans: Iterable[Span], rows: Iterable[RestatedRow], tellers: Tellers
) -> list[Restatement]:
    """The restatements among the accepted statements of one account.

    Each statement is compared, day by day, with the one put on file before it that covers the day.
    One that begins or ends in the course of a day and merely lacks its other rows restates
    nothing, and neither do parts that chain.
    """
    in_turn = sorted(spans, key=lambda span: span.id)
    by_day: defaultdict[Day, defaultdict[int, list[RestatedRow]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        by_day[row.day][row.stated.statement_id].append(row)
    pairs: defaultdict[tuple[int, int], list[RestatedPair]] = defaultdict(list)
    for day, rows_of_statement in sorted(by_day.items()):
        covering = [span for span in in_turn if span.from_day <= day <= span.to_day]
        of_day = tellers.of(day)
        for earlier, later in pairwise(covering):
            if of_day.are_parts(earlier.id, later.id):
                continue
            before, after = _alone(rows_of_statement[earlier.id], rows_of_statement[later.id])
            starts_alike = of_day.start_alike(earlier.id, later.id)
            is_partial = any(
                not alone and (day == span.to_day or (day == span.from_day and not starts_alike))
                for alone, span in ((before, earlier), (after, later))
            )
            if (before or after) and not is_partial:
                pairs[earlier.id, later.id] += _differences(before, after)
    return [Restatement(*pair, tuple(each)) for pair, each in pairs.items()]


def _alone(
    some: Sequence[RestatedRow], others: Sequence[RestatedRow]
) -> tuple[list[RestatedRow], list[RestatedRow]]:
    """The rows of each that are part of no entry of the other."""
    known, known_later = ({row.entry_id for row in each} for each in (some, others))
    return (
        [row for row in some if row.entry_id not in known_later],
        [row for row in others if row.entry_id not in known],
    )


def _differences(before: list[RestatedRow], after: list[RestatedRow]) -> list[RestatedPair]:
    changed = []
    for likeness in _LIKENESS:
        for old in list(before):
            key = likeness(old.stated)
            new = next((each for each in after if key and likeness(each.stated) == key), None)
            if new is not None:
                changed.append(RestatedPair("changed", old, new))
                before.remove(old)
                after.remove(new)
    return [
        *changed,
        *(RestatedPair("missing", row, None) for row in before),
        *(RestatedPair("added", None, row) for row in after),
    ]
