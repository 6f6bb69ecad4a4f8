"""The first rows of an institution, as the ledger will have them, before any of them is written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, groupby, islice, repeat
from operator import itemgetter
from typing import overload

from feewatch.kernel.days import Day
from feewatch.kernel.scratch import making
from feewatch.ledger.day_order import in_order
from feewatch.ledger.holder import Entry, PackedEntries
from feewatch.statements.columns import Rows
from feewatch.store.intake.bankfiles import AccountOnFile

_ENTRY = making(Entry)
_DAY = itemgetter(Entry._fields.index("booked_on"))


class FirstEntries(PackedEntries):
    """The rows of statements as the ledger will have them, by day, those of a day in their order.

    They are put together each time that they are gone through: there may be very many.
    """

    def __init__(
        self,
        statements: Sequence[tuple[AccountOnFile, Rows]],
        ids: Sequence[int],
        orders: Mapping[tuple[int, Day], Sequence[int]],
    ) -> None:
        """``ids``: the keys that the rows get, statement by statement.

        ``orders``: the keys in order, by account and day, where several statements tell of one.
        """
        self._statements = statements
        self._ids = ids
        self._orders: defaultdict[Day, dict[tuple[int, Day], Sequence[int]]] = defaultdict(dict)
        for of, order in orders.items():
            self._orders[of[1]][of] = order

    def __len__(self) -> int:
        """How many."""
        return len(self._ids)

    def __iter__(self) -> Iterator[Entry]:
        """The entries in order."""
        streams = [self._of(*statement) for statement in self._placed()]
        entries = streams[0] if len(streams) == 1 else merge(*streams, key=_DAY)
        return self._in_order(entries) if self._orders else entries

    def _in_order(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for day, of_day in groupby(entries, _DAY):
            yield from in_order(list(of_day), self._orders.get(day, {}))

    def _placed(self) -> Iterator[tuple[AccountOnFile, Rows, int]]:
        """Account and rows of each statement, and the place of the first."""
        place = 0
        for account, rows in self._statements:
            yield account, rows, place
            place += len(rows)

    def telling(self, pattern: re.Pattern[str]) -> Iterator[Entry]:
        """Those with a reversal mark or a memo in which a pattern is found, by statement."""
        for account, rows, start in self._placed():
            place = start
            for part in rows.parts():
                memos = "\n".join(filter(None, part.column("memo")))
                if pattern.search(memos) or any(part.column("reversal")):
                    entries = self._of(account, part, place)
                    yield from (
                        e for e in entries if e.reversal_mark or pattern.search(e.memo or "")
                    )
                place += len(part)

    def _of(self, account: AccountOnFile, rows: Rows, start: int) -> Iterator[Entry]:
        ids = islice(self._ids, start, None)
        entries = chain.from_iterable(
            map(_ENTRY, zip(islice(ids, len(block[0])), repeat(account.id), *block))
            for block in rows.columns(*Entry._fields[2:-1], "reversal")
        )
        return entries if rows.is_forward() else iter(sorted(entries, key=_DAY))

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        """The entry at a place, or those of a slice."""
        if isinstance(at, slice):
            return list(self)[at]
        place = range(len(self))[at]
        return next(islice(self, place, None))
