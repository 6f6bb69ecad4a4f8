"""What statements together say of an account's days: covered ranges, closings, how they join.

Pure. Everything is computed from all accepted statements in the order of their days, so that the
order in which files arrive changes nothing.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from feewatch.kernel.days import Day

Range = tuple[Day, Day]


class Span(NamedTuple):
    """One accepted statement; sorting by these fields is the canonical order of statements."""

    from_day: Day
    to_day: Day
    file_sha256: str
    n: int
    id: int
    opening_fen: int | None
    closing_fen: int | None


class OutsideDay(NamedTuple):
    """A day that a statement does not cover and has rows of."""

    statement_id: int
    day: Day


class DayTotal(NamedTuple):
    """The rows of one statement on one day."""

    statement_id: int
    day: Day
    sum_fen: int
    rows: int
    in_fen: int  # the sum of those that are money in
    entries: int  # rows that stand in the ledger, not merged into another statement's
    entries_fen: int  # their sum


class Closing(NamedTuple):
    """An account's balance at the end of a day, and the statement that says so."""

    day: Day
    closing_fen: int
    entries: int
    statement_id: int


class Link(NamedTuple):
    """How a statement joins those before it: days missing, else opening less previous closing."""

    statement_id: int
    previous_id: int
    on_day: Day  # first missing day, else the statement's first day
    missing_days: int
    difference_fen: int


def join_ranges(ranges: Iterable[Range]) -> list[Range]:
    """The same days as maximal ranges."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def covering(spans: Iterable[Span]) -> list[Span]:
    """The statements that cover a day at all."""
    return [span for span in spans if span.from_day <= span.to_day]


def covered_ranges(spans: Iterable[Span]) -> list[Range]:
    """The days covered by at least one statement."""
    return join_ranges((span.from_day, span.to_day) for span in covering(spans))


def told_ranges(spans: Iterable[Span], outside: Iterable[OutsideDay]) -> list[Range]:
    """The days of which each statement tells: those it covers, and those of rows outside them."""
    covered = [(span.from_day, span.to_day) for span in covering(spans)]
    return sorted([*covered, *((each.day, each.day) for each in outside)])


def shared_ranges(told: Iterable[Range]) -> list[Range]:
    """The days of which at least two statements tell."""
    shared: list[Range] = []
    reach: Day | None = None
    for start, end in sorted(told):
        if reach is not None and start <= reach:
            shared.append((start, min(end, reach)))
        reach = end if reach is None else max(reach, end)
    return join_ranges(shared)


def common_ranges(some: Sequence[Range], others: Sequence[Range]) -> list[Range]:
    """The days in both."""
    return join_ranges(
        (max(a[0], b[0]), min(a[1], b[1]))
        for a in some
        for b in others
        if max(a[0], b[0]) <= min(a[1], b[1])
    )


class Balances:
    """The balance at the end of each day as each single statement has it.

    Rows outside a statement's days belong to its balances as if booked on the nearest of them.
    """

    def __init__(self, spans: Sequence[Span], totals: Iterable[DayTotal]) -> None:
        known = {span.id: span for span in spans}
        silent = {each.id for each in spans if each.opening_fen is None is each.closing_fen}
        by_statement: defaultdict[int, list[tuple[Day, int]]] = defaultdict(list)
        self._before: defaultdict[int, int] = defaultdict(int)  # sums of rows before the first day
        self._rows: defaultdict[tuple[int, Day], int] = defaultdict(int)
        self._in: defaultdict[tuple[int, Day], int] = defaultdict(int)
        self._silent: dict[Day, tuple[int, int]] = {}  # most rows without balances, and their sum
        for total in sorted(totals, key=lambda total: total.day):
            span = known.get(total.statement_id)
            if span is None:
                continue
            day = min(max(total.day, span.from_day), span.to_day)
            by_statement[span.id].append((day, total.sum_fen))
            if total.day < span.from_day:
                self._before[span.id] += total.sum_fen
            self._rows[span.id, day] += total.rows
            self._in[span.id, day] += total.in_fen
            if span.id in silent:
                told = total.rows, total.sum_fen
                self._silent[day] = max(self._silent.get(day, (0, 0)), told)
        self._days = {key: [day for day, _ in each] for key, each in by_statement.items()}
        self._sums = {
            key: [0, *accumulate(fen for _, fen in each)] for key, each in by_statement.items()
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
        if known is None or day != span.to_day or rows <= self._rows.get((span.id, day), 0):
            return known
        eve = self.at(span, day - 1)
        return None if span.from_day == day or eve is None else eve + sum_fen

    def believed(self, spans: Sequence[Span], day: Day) -> Span:
        """The statement to believe about the end of a day that all these cover.

        One that goes on past the day has it whole; of those that end on it, the one that another
        does not continue, then the one with most rows.
        """
        return max(
            spans,
            key=lambda span: (
                span.to_day,
                not any(self.continues(other, span) for other in spans),
                self._rows.get((span.id, day), 0),
                -span.from_day,
                span.file_sha256,
                span.n,
            ),
        )

    def continues(self, later: Span, span: Span) -> bool:
        """Whether a statement begins where another one stopped in the course of the same day."""
        day = span.to_day
        if later.id == span.id or not span.from_day <= day == later.from_day <= later.to_day:
            return False
        opening = self.at(later, day - 1)
        if opening is None or opening != self.at(span, day):
            return False
        # rows of a day that come to nothing may be stated again by one that tells the day whole
        return opening != self.at(span, day - 1) or not self._tells_as_much(later, span, day)

    def _tells_as_much(self, one: Span, other: Span, day: Day) -> bool:
        here, there = (one.id, day), (other.id, day)
        return self._rows[here] >= self._rows[there] and self._in[here] >= self._in[there]

    def count_rows(self, span: Span, day: Day) -> int:
        """How many rows a statement has of a day."""
        return self._rows[span.id, day]


def closings(spans: Iterable[Span], totals: Sequence[DayTotal]) -> list[Closing]:
    """The closing balance of each day with entries and of each statement's first and last day.

    Days whose closing no statement tells are left out.
    """
    entries: defaultdict[Day, int] = defaultdict(int)
    waiting = sorted(covering(spans), reverse=True)
    for span in waiting:
        entries[span.from_day] += 0
        entries[span.to_day] += 0
    for total in totals:
        entries[total.day] += total.entries
    balances = Balances(waiting, totals)
    found: list[Closing] = []
    furthest: list[Span] = []  # of the statements begun, those that reach furthest
    for day in sorted(entries):
        while waiting and waiting[-1].from_day <= day:
            span = waiting.pop()
            if balances.at(span, day) is None or (furthest and span.to_day < furthest[0].to_day):
                continue
            if furthest and span.to_day > furthest[0].to_day:
                furthest = []
            furthest.append(span)
        if furthest and furthest[0].to_day >= day:
            believed = balances.believed(furthest, day)
            closing = balances.closing(believed, day)
            if closing is not None:
                found.append(Closing(day, closing, entries[day], believed.id))
    return found


def links(spans: Iterable[Span], totals: Iterable[DayTotal]) -> list[Link]:
    """How each statement joins those before it in the order of days; one link for a day.

    Where several statements begin on a day, the first one that does not join is the day's link.
    """
    in_order = sorted(covering(spans))
    balances = Balances(in_order, totals)
    found: dict[Day, Link] = {}
    before: list[Span] = []
    for span in in_order:
        link = _link(span, before, balances)
        if link:
            present = found.get(link.on_day)
            if present is None or not (present.missing_days or present.difference_fen):
                found[link.on_day] = link
        # a statement that ends earlier than the day before can touch no later one,
        # save the one that reaches furthest: missing days are counted from it
        furthest = max([*before, span], key=lambda each: each.to_day)
        touching = [each for each in before if each.to_day >= span.from_day - 1]
        before = [*touching, span]
        if furthest not in before:
            before.append(furthest)
    return [found[day] for day in sorted(found)]


def _link(span: Span, before: Sequence[Span], balances: Balances) -> Link | None:
    if not before:
        return None
    furthest = max(before, key=lambda each: each.to_day)
    eve = span.from_day - 1
    if furthest.to_day < eve:
        first_missing = furthest.to_day + 1
        return Link(span.id, furthest.id, first_missing, span.from_day - first_missing, 0)
    covering = [each for each in before if each.from_day <= eve <= each.to_day]
    expected = [(each, balances.at(each, eve)) for each in covering]
    expected += [(each, balances.closing(each, eve)) for each in covering]
    expected += [(each, balances.at(each, eve + 1)) for each in before if each.to_day == eve + 1]
    expected += [(each, balances.at(each, eve)) for each in before if each.from_day == eve + 1]
    opening = balances.at(span, eve)
    if opening is None:
        return None
    openings = balances.openings(span)
    for each, balance in expected:
        if balance in openings:
            return Link(span.id, each.id, span.from_day, 0, 0)
    stated = [each for each in covering if balances.at(each, eve) is not None]
    previous = balances.believed(stated, eve) if stated else furthest
    closing = balances.closing(previous, eve)
    if closing is None:
        return None
    return Link(span.id, previous.id, span.from_day, 0, opening - closing)
