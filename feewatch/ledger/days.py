"""What statements together say of an account's days: covered ranges, closings, how they join.

Pure. Everything is computed from all accepted statements in the order of their days, so that the
order in which files arrive changes nothing.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from feewatch.kernel.days import LAST_DAY, Day
from feewatch.ledger.balances import Balances, DayTotal, Span
from feewatch.ledger.tellers import DayTellers
from feewatch.ledger.words import Told

Range = tuple[Day, Day]


class OutsideDay(NamedTuple):
    """A day that a statement does not cover and has rows of."""

    statement_id: int
    day: Day


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
    contradicted_fen: int = 0  # what only one of the two tells, on days both cover


class Contradiction(NamedTuple):
    """What only one side tells of days that the institution's own statement and others cover."""

    statement_id: int  # the institution's own
    on_day: Day  # the first such day
    fen: int  # all amounts together, in and out alike


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


def shared_ranges(ranges: Iterable[Range]) -> list[Range]:
    """The days of which at least two statements tell."""
    shared: list[Range] = []
    reach: Day | None = None
    for start, end in sorted(ranges):
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


def missing_days(ranges: Iterable[Range], first: Day, last: Day) -> list[Range]:
    """The days from first to last that no range holds, as ranges in order."""
    missing, expected = [], first
    for start, end in sorted(ranges):
        if start > last:
            break
        if start > expected:
            missing.append((expected, start - 1))
        expected = max(expected, end + 1)
    return [*missing, (expected, last)] if expected <= last else missing


def believed(spans: Sequence[Span], day: Day, balances: Balances) -> Span:
    """The statement to believe about the end of a day that all these cover.

    One that goes on past the day has it whole; of those that end on it, the one that another
    does not continue, then the one with most rows, of earlier parts of the day too.
    """
    if len(spans) == 1:
        return spans[0]
    tellers = DayTellers(spans, day, balances)
    return max(
        spans,
        key=lambda span: (
            span.to_day,
            not tellers.is_continued(span.id),
            tellers.count_rows_until(span.id),
            -span.from_day,
            span.file_sha256,
            span.n,
        ),
    )


def closings(spans: Iterable[Span], totals: Sequence[DayTotal]) -> list[Closing]:
    """The closing balance of each day with entries and of each statement's first and last day.

    Days whose closing no statement tells are left out. The institution's own statements are asked
    only of days that no other one covers.
    """
    entries: Counter[Day] = Counter()
    for total in totals:
        entries[total.day] += total.entries
    told = Told(list(spans), totals)
    if not told.is_mixed:
        return _closings(told, entries)
    proven = told.proven
    ranges = covered_ranges(proven.spans)
    claimed = _closings(told.claimed, entries)
    alone = (each for each in claimed if not is_within(each.day, ranges))
    return sorted([*_closings(proven, entries), *alone])


def is_within(day: Day, ranges: Sequence[Range]) -> bool:
    """Whether a day lies in one of some maximal ranges."""
    place = bisect_right(ranges, (day, LAST_DAY)) - 1
    return place >= 0 and ranges[place][0] <= day <= ranges[place][1]


def _closings(told: Told, entries: Counter[Day]) -> list[Closing]:
    """The closings by these statements; ``entries``: how many stand in the ledger, by day."""
    waiting = sorted(covering(told.spans), reverse=True)
    balances = Balances(waiting, told.totals)
    days = {day for day, count in entries.items() if count}
    days.update(day for span in waiting for day in (span.from_day, span.to_day))
    closings_by_day: list[Closing] = []
    furthest: list[Span] = []  # of the statements begun, those that reach furthest
    for day in sorted(days):
        while waiting and waiting[-1].from_day <= day:
            span = waiting.pop()
            if balances.at(span, day) is None or (furthest and span.to_day < furthest[0].to_day):
                continue
            if furthest and span.to_day > furthest[0].to_day:
                furthest = []
            furthest.append(span)
        if furthest and furthest[0].to_day >= day:
            last = believed(furthest, day, balances)
            closing = balances.closing(last, day)
            if closing is not None:
                closings_by_day.append(Closing(day, closing, entries[day], last.id))
    return closings_by_day


def with_contradictions(
    known: Iterable[Link], contradictions: Iterable[Contradiction], proven: Sequence[Span]
) -> list[Link]:
    """The joints with what is contradicted, one link for a day; ``proven``: the other side."""
    by_day = {link.on_day: link for link in known}
    for statement_id, day, fen in sorted(contradictions):
        other = next((span for span in proven if span.from_day <= day <= span.to_day), None)
        if other is None:
            continue
        link = by_day.get(day, Link(statement_id, other.id, day, 0, 0))
        by_day[day] = link._replace(contradicted_fen=max(link.contradicted_fen, fen))
    return [by_day[day] for day in sorted(by_day)]


def links(spans: Iterable[Span], totals: Iterable[DayTotal]) -> list[Link]:
    """How each statement joins those before it in the order of days; one link for a day.

    Where several statements begin on a day, the first one that does not join is the day's link.
    """
    in_order = sorted(covering(spans))
    if len(in_order) < 2:  # nothing to join, as of most accounts at first
        return []
    balances = Balances(in_order, totals)
    stopped: defaultdict[tuple[Day, int | None], list[Span]] = defaultdict(list)
    for span in in_order:
        stopped[span.to_day, balances.at(span, span.to_day)].append(span)
    by_day: dict[Day, Link] = {}
    before: list[Span] = []
    for span in in_order:
        opening = balances.at(span, span.from_day - 1)
        # the part of its first day behind which it goes on may come later in order
        stop = [each for each in stopped.get((span.from_day, opening), ()) if each is not span]
        link = _link(span, before, stop, balances)
        if link:
            present = by_day.get(link.on_day)
            if present is None or not (present.missing_days or present.difference_fen):
                by_day[link.on_day] = link
        # a statement that ends earlier than the day before can touch no later one,
        # save the one that reaches furthest: missing days are counted from it
        furthest = max([*before, span], key=lambda each: each.to_day)
        touching = [each for each in before if each.to_day >= span.from_day - 1]
        before = [*touching, span]
        if furthest not in before:
            before.append(furthest)
    return [by_day[day] for day in sorted(by_day)]


def _link(
    span: Span, before: Sequence[Span], stop: Sequence[Span], balances: Balances
) -> Link | None:
    if not before:
        return None
    furthest = max(before, key=lambda earlier: earlier.to_day)
    eve = span.from_day - 1
    if furthest.to_day < eve:
        first_missing = furthest.to_day + 1
        return Link(span.id, furthest.id, first_missing, span.from_day - first_missing, 0)
    covering = [earlier for earlier in before if earlier.from_day <= eve <= earlier.to_day]
    expected = [(earlier, balances.at(earlier, eve)) for earlier in covering]
    expected += [(earlier, balances.closing(earlier, eve)) for earlier in covering]
    expected += [(earlier, balances.at(earlier, eve + 1)) for earlier in stop]
    expected += [
        (earlier, balances.at(earlier, eve)) for earlier in before if earlier.from_day == eve + 1
    ]
    opening = balances.at(span, eve)
    if opening is None:
        return None
    openings = balances.openings(span)
    for earlier, balance in expected:
        if balance in openings:
            return Link(span.id, earlier.id, span.from_day, 0, 0)
    stated = [earlier for earlier in covering if balances.at(earlier, eve) is not None]
    previous = believed(stated, eve, balances) if stated else furthest
    closing = balances.closing(previous, eve)
    if closing is None:
        return None
    return Link(span.id, previous.id, span.from_day, 0, opening - closing)
