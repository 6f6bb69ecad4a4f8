"""Whether the ledger recomputes from each stated balance to the next one.

Pure. Every accepted statement adds up in itself, and still the entries of several may not: rows
told twice in ways that look like two, or equal ones lost between files that state no balance.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from feewatch.kernel.days import Day
from feewatch.ledger.balances import Balances, DayTotal, Span
from feewatch.ledger.days import Closing, Link, covered_ranges, covering, links


def all_links(
    spans: Sequence[Span], totals: Sequence[DayTotal], known: Sequence[Closing]
) -> list[Link]:
    """How the statements join, with a link for each day on which the ledger does not recompute.

    ``known``: the closings of the account's days. A day has one link: where the statements
    themselves do not join, that says it.
    """
    joints = {link.on_day: link for link in links(spans, totals)}
    stated = {each.on_day: each.difference_fen for each in joints.values() if each.difference_fen}
    for before, after, gap in _gaps(covering(spans), totals, known):
        gap -= sum(fen for day, fen in stated.items() if before.day < day <= after.day)
        if gap and after.day not in stated and not _has_missing_days(joints.get(after.day)):
            joints[after.day] = Link(after.statement_id, before.statement_id, after.day, 0, gap)
    return [joints[day] for day in sorted(joints)]


def _has_missing_days(link: Link | None) -> bool:
    return link is not None and link.missing_days > 0


def _gaps(
    spans: Sequence[Span], totals: Sequence[DayTotal], known: Sequence[Closing]
) -> Iterator[tuple[Closing, Closing, int]]:
    """Consecutive balances of one covered range, with what the later one differs by."""
    balances = Balances(spans, totals)
    days, sums = _ledger_sums(spans, totals)

    def until(day: Day) -> int:
        return sums[bisect_right(days, day)]

    by_start: defaultdict[Day, list[Span]] = defaultdict(list)
    for span in spans:
        by_start[span.from_day].append(span)
    for start, end in covered_ranges(spans):
        inside = [each for each in known if start <= each.day <= end]
        opening = _opening(by_start[start], start, balances)
        for before, after in pairwise([opening, *inside] if opening else inside):
            entries = until(after.day) - until(before.day)
            gap = after.closing_fen - before.closing_fen - entries
            if gap:
                yield before, after, gap


def _ledger_sums(spans: Sequence[Span], totals: Sequence[DayTotal]) -> tuple[list[Day], list[int]]:
    """Days in order, and the sum of all entries before the first, up to each of them.

    An entry outside its statement's days counts on the nearest of these, as in its balances.
    """
    known = {span.id: span for span in spans}
    by_day: defaultdict[Day, int] = defaultdict(int)
    for total in totals:
        span = known.get(total.statement_id)
        if span is not None:
            by_day[min(max(total.day, span.from_day), span.to_day)] += total.entries_fen
    days = sorted(by_day)
    return days, [0, *accumulate(by_day[day] for day in days)]


def _opening(spans: Sequence[Span], start: Day, balances: Balances) -> Closing | None:
    """The balance before a day on which these statements begin, where they agree on it."""
    first = [span for span in spans if not any(balances.continues(span, one) for one in spans)]
    openings = {balances.at(span, start - 1): span for span in first}
    openings.pop(None, None)
    if len(openings) != 1:
        return None
    ((fen, span),) = openings.items()
    return None if fen is None else Closing(start - 1, fen, 0, span.id)
