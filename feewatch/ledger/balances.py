"""The balance at the end of each day as each single statement of an account has it. Pure."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple

from feewatch.kernel.days import Day


class Span(NamedTuple):
    """One accepted statement; sorting by these fields is the canonical order of statements."""

    from_day: Day
    to_day: Day
    file_sha256: str
    n: int
    id: int
    opening_fen: int | None
    closing_fen: int | None
    word: str = "office"  # a key of ledger.words.WORDS


class DayTotal(NamedTuple):
    """The rows of one statement on one day."""

    statement_id: int
    day: Day
    sum_fen: int
    rows: int
    least_fen: int  # the amount of one of them
    most_fen: int
    entries: int  # rows that stand in the ledger, not merged into another statement's
    entries_fen: int  # their sum
    first_time: str | None = None  # hh:mm:ss of the first and the last, where all tell it
    last_time: str | None = None


_DAY = itemgetter(DayTotal._fields.index("day"))


def day_totals(
    statement_id: int, rows: Iterable[tuple[Day, int, str | None]]
) -> Iterator[DayTotal]:
    """The days of rows (day, fen, time) in the order of days, all of which stand in the ledger."""
    for day, of_day in groupby(rows, itemgetter(0)):
        _, fens, times = zip(*of_day, strict=True)
        told = sum(fens), len(fens), min(fens), max(fens), len(fens), sum(fens)
        ends = (None, None) if None in times else (min(times), max(times))
        yield DayTotal(statement_id, day, *told, *ends)


class Balances:
    """The balance at the end of each day as each single statement has it.

    Rows outside a statement's days belong to its balances as if booked on the nearest of them.
    """

    def __init__(self, spans: Sequence[Span], totals: Iterable[DayTotal]) -> None:
        known = {span.id: span for span in spans}
        silent = {each.id for each in spans if each.opening_fen is None is each.closing_fen}
        by_statement: defaultdict[int, list[tuple[Day, int]]] = defaultdict(list)
        self._before: defaultdict[int, int] = defaultdict(int)  # sums of rows before the first day
        self._silent: dict[Day, tuple[int, int]] = {}  # most rows without balances, and their sum
        self._told: list[tuple[int, Day, DayTotal]] = []  # of which statement, of which of its days
        for total in sorted(totals, key=_DAY):
            span = known.get(total.statement_id)
            if span is None:
                continue
            day = min(max(total.day, span.from_day), span.to_day)
            self._told.append((span.id, day, total))
            by_statement[span.id].append((day, total.sum_fen))
            if total.day < span.from_day:
                self._before[span.id] += total.sum_fen
            if span.id in silent:
                told = total.rows, total.sum_fen
                self._silent[day] = max(self._silent.get(day, (0, 0)), told)
        self._days = {key: [day for day, _ in each] for key, each in by_statement.items()}
        self._sums = {
            key: [0, *accumulate(fen for _, fen in each)] for key, each in by_statement.items()
        }

    @cached_property
    def _rows(self) -> Counter[tuple[int, Day]]:
        """How many rows a statement has of a day; asked only where statements meet."""
        rows: Counter[tuple[int, Day]] = Counter()
        for key, day, total in self._told:
            rows[key, day] += total.rows
        return rows

    @cached_property
    def _extremes(self) -> dict[tuple[int, Day], tuple[int, int]]:
        """The least and the most amount of a statement's rows of a day."""
        extremes: dict[tuple[int, Day], tuple[int, int]] = {}
        for key, day, total in self._told:
            least, most = extremes.get((key, day), (total.least_fen, total.most_fen))
            extremes[key, day] = min(least, total.least_fen), max(most, total.most_fen)
        return extremes

    @cached_property
    def _times(self) -> dict[tuple[int, Day], tuple[str | None, str | None]]:
        """The times of the first and the last row that a statement has of one of its days."""
        return {
            (key, day): (total.first_time, total.last_time)
            for key, day, total in self._told
            if day == total.day
        }

    def at(self, span: Span, day: Day) -> int | None:
        """A statement's balance at the end of a day; None where it states no balance at all."""
        if day >= span.to_day and span.closing_fen is not None:
            return span.closing_fen
        sums = self._sums.get(span.id, [0])
        until = sums[bisect_right(self._days.get(span.id, []), day)]
        if span.opening_fen is not None:
            return span.opening_fen + until
        return None if span.closing_fen is None else span.closing_fen - sums[-1] + until

    def openings(self, span: Span) -> set[int | None]:
        """A statement's balance before its first day.

        Rows dated before that day may be slips of that day or rows of an earlier one.
        """
        eve = self.at(span, span.from_day - 1)
        return {eve} if eve is None else {eve, eve + self._before[span.id]}

    def closing(self, span: Span, day: Day) -> int | None:
        """A statement's balance at the end of a day that it may have ended before.

        Where another one, without balances, has more rows of its last day, these are reckoned on;
        None where they may as well have come before those of a statement of this one day.
        """
        known = self.at(span, day)
        rows, sum_fen = self._silent.get(day, (0, 0))
        if known is None or day != span.to_day or not rows or rows <= self._rows[span.id, day]:
            return known
        eve = self.at(span, day - 1)
        return None if span.from_day == day or eve is None else eve + sum_fen

    def continues(self, later: Span, span: Span) -> bool:
        """Whether a statement begins where another one stopped in the course of the same day."""
        day = span.to_day
        if later.id == span.id or not span.from_day <= day == later.from_day <= later.to_day:
            return False
        opening = self.at(later, day - 1)
        if opening is None or opening != self.at(span, day):
            return False
        first, last = self._times.get((span.id, day), (None, None))
        later_first, later_last = self._times.get((later.id, day), (None, None))
        if first and last and later_first and later_first != last:
            return later_first > last
        at_once = later_first is not None and later_first == later_last == last
        return not self._may_state_again(later, span, day, at_once=at_once)

    def _may_state_again(self, later: Span, span: Span, day: Day, *, at_once: bool) -> bool:
        """Whether rows of a day that come to nothing may be stated by both, though balances join.

        ``at_once``: all that both tell of the time is one second, in which nothing is paid twice.
        """
        is_nothing = self.at(span, day) == self.at(span, day - 1)
        if (is_nothing or self.at(later, day) == self.at(later, day - 1)) and (
            self._tells_as_much(later, span, day)
        ):
            return True
        return is_nothing and at_once and self._tells_as_much(span, later, day)

    def _tells_as_much(self, one: Span, other: Span, day: Day) -> bool:
        """Whether one statement's rows of a day may be all those of the other, and more."""
        here, there = self._extremes.get((one.id, day)), self._extremes.get((other.id, day))
        if here is None or there is None:
            return there is None
        within = here[0] <= there[0] and there[1] <= here[1]
        return within and self._rows[one.id, day] >= self._rows[other.id, day]

    def count_rows(self, span: Span, day: Day) -> int:
        """How many rows a statement has of a day."""
        return self._rows[span.id, day]
