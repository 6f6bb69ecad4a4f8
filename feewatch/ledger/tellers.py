"""Who tells of a day: a statement, or several that chain, each beginning where another one stopped.

Pure. Parts of one day that chain tell different money, so their rows are never one entry; a chain
tells of the day as one statement would.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from feewatch.kernel.days import Day
from feewatch.ledger.balances import Balances, DayTotal, Span


class Tellers:
    """Who tells of each day of an account."""

    def __init__(self, spans: Sequence[Span], totals: Iterable[DayTotal]) -> None:
        totals = list(totals)
        known = {span.id: span for span in spans}
        self._balances = Balances(spans, totals)
        self._by_day: defaultdict[Day, list[Span]] = defaultdict(list)
        for total in totals:
            self._by_day[total.day].append(known[total.statement_id])

    def of(self, day: Day, but: Collection[int] = ()) -> "DayTellers":
        """Those of a day, but for some statements."""
        spans = sorted(span for span in self._by_day[day] if span.id not in but)
        return DayTellers(spans, day, self._balances)


class DayTellers:
    """The statements with rows of a day, in canonical order, and how they chain."""

    def __init__(self, spans: Sequence[Span], day: Day, balances: Balances) -> None:
        self._spans = spans
        self._rows = [balances.count_rows(span, day) for span in spans]
        self._after = _successors(spans, day, balances)
        self._starts = [balances.at(span, day - 1) for span in spans]

    def list_chains(self) -> list[tuple[int, ...]]:
        """The keys of the statements by teller, tellers in the order of their first statements.

        Each statement is part of one teller: of the chain that tells most of the day, else of the
        longest one left.
        """
        chains: list[list[int]] = []
        left = list(range(len(self._spans)))
        while left and any(self._after):
            chain = self._longest(left)
            chains.append(chain)
            left = [place for place in left if place not in chain]
        chains += ([place] for place in left)
        return [tuple(self._spans[place].id for place in chain) for chain in sorted(chains)]

    def is_continued(self, key: int) -> bool:
        """Whether another statement begins where this one stopped."""
        return bool(self._after[self._places[key]])

    def count_rows_until(self, key: int) -> int:
        """How many rows of the day the longest chain has that ends with a statement."""
        return self._rows_until[self._places[key]]

    def are_parts(self, one: int, other: int) -> bool:
        """Whether one of two statements begins where the other stopped, or another between them."""
        here, there = self._places.get(one), self._places.get(other)
        if here is None or there is None:
            return False
        return bool(self._reach[here] >> there & 1 or self._reach[there] >> here & 1)

    def start_alike(self, one: int, other: int) -> bool:
        """Whether the balances before the rows that two statements have of the day may be one."""
        here, there = self._places.get(one), self._places.get(other)
        if here is None or there is None:
            return True
        starts = {self._starts[here], self._starts[there]}
        return None in starts or len(starts) == 1

    @cached_property
    def _places(self) -> dict[int, int]:
        return {span.id: place for place, span in enumerate(self._spans)}

    @cached_property
    def _rows_until(self) -> list[int]:
        until = list(self._rows)
        for place in reversed(self._last_first(range(len(self._spans)))):
            for other in self._after[place]:
                until[other] = max(until[other], until[place] + self._rows[other])
        return until

    @cached_property
    def _reach(self) -> list[int]:
        """For each place those behind it, as bits."""
        reach = [0] * len(self._spans)
        for place in self._last_first(range(len(self._spans))):
            for other in self._after[place]:
                reach[place] |= 1 << other | reach[other]
        return reach

    def _longest(self, left: Sequence[int]) -> list[int]:
        """The chain of most rows among these places."""
        total: dict[int, int] = {}  # rows of the best chain that begins there
        onward: dict[int, int | None] = {}
        for place in self._last_first(left):
            others = [other for other in self._after[place] if other in total]
            best = max(others, key=lambda other: total[other], default=None)
            onward[place] = best
            total[place] = self._rows[place] + (0 if best is None else total[best])
        at: int | None = max(left, key=lambda place: total[place])
        chain: list[int] = []
        while at is not None:
            chain.append(at)
            at = onward[at]
        return chain

    def _last_first(self, places: Sequence[int]) -> list[int]:
        """The places, each behind those that may follow it.

        Parts that come to nothing may each begin where the other stopped: one of them goes first.
        """
        order: list[int] = []
        unseen = set(places)
        for start in places:
            waiting = [(start, False)]
            while waiting:
                place, is_done = waiting.pop()
                if is_done:
                    order.append(place)
                elif place in unseen:
                    unseen.discard(place)
                    waiting.append((place, True))
                    waiting += [(other, False) for other in self._after[place]]
        return order


def _successors(spans: Sequence[Span], day: Day, balances: Balances) -> list[list[int]]:
    """For each statement the places of those that begin where it stopped."""
    beginning: defaultdict[int | None, list[int]] = defaultdict(list)
    for place, span in enumerate(spans):
        if span.from_day == day:
            beginning[balances.at(span, day - 1)].append(place)
    after: list[list[int]] = []
    for span in spans:
        places = beginning.get(balances.at(span, day), ()) if span.to_day == day else ()
        after.append([place for place in places if balances.continues(spans[place], span)])
    return after
