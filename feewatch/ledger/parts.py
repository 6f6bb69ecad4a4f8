"""Statements of an account cut into parts, where the bank stood by some of their days alone.

Pure. A part is told by one word and begins and ends with the balances that its statement has there;
so the days by which the bank stood count like a statement of their own, and the rest like another.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.balances import Balances, DayTotal, Span
from feewatch.ledger.days import Closing, Link, Range, closings, join_ranges
from feewatch.ledger.words import CONFIRMED, INSTITUTION, Told


class Cut(NamedTuple):
    """The statements of an account as parts with keys of their own, and what was cut."""

    told: Told
    #: Of each statement that was cut, the first days of its parts in order, and their keys.
    parts: Mapping[int, tuple[list[Day], list[int]]]
    owners: Mapping[int, int]  # the statement of each part of one that was cut

    def part_of(self, statement_id: int, day: Day) -> int:
        """The part to which a row of a statement belongs; outside its days the nearest one."""
        if statement_id not in self.parts:
            return statement_id
        starts, keys = self.parts[statement_id]
        return keys[max(0, bisect_right(starts, day) - 1)]

    def owner_of(self, part: int) -> int:
        """The statement to which a part belongs."""
        return self.owners.get(part, part)

    def closings(self, told: Told) -> list[Closing]:
        """The closings of days as these parts tell them, by their statements."""
        known = closings(*told)
        return [each._replace(statement_id=self.owner_of(each.statement_id)) for each in known]

    def links(self, known: Iterable[Link]) -> list[Link]:
        """Joints between parts as joints between their statements."""
        return [
            link._replace(
                statement_id=self.owner_of(link.statement_id),
                previous_id=self.owner_of(link.previous_id),
            )
            for link in known
        ]


def cut(
    spans: Sequence[Span], totals: Sequence[DayTotal], confirmed: Mapping[int, Iterable[Range]]
) -> Cut:
    """Cut those of the statements of which the bank confirmed some days.

    ``confirmed``: by statement the days, each within the statement's own.
    """
    wanted = {
        span.id: pieces
        for span in spans
        if span.word == INSTITUTION and len(pieces := list(_pieces(span, confirmed))) > 1
    }
    if not wanted:
        return Cut(Told(spans, totals), {}, {})
    balances = Balances(spans, totals)
    parts: dict[int, tuple[list[Day], list[int]]] = {}
    owners: dict[int, int] = {}
    cut_spans: list[Span] = []
    for span in spans:
        if span.id not in wanted:
            cut_spans.append(span)
            continue
        starts, keys = parts.setdefault(span.id, ([], []))
        for first, last, word in wanted[span.id]:
            key = -len(owners) - 1
            owners[key] = span.id
            starts.append(first)
            keys.append(key)
            cut_spans.append(_part(span, balances, first, last, word, key))
    whole = Cut(Told((), ()), parts, owners)
    mine = [
        total._replace(statement_id=whole.part_of(total.statement_id, total.day))
        for total in totals
    ]
    return whole._replace(told=Told(sorted(cut_spans), mine))


def _part(span: Span, balances: Balances, first: Day, last: Day, word: str, key: int) -> Span:
    opening, closing = span.opening_fen, span.closing_fen
    if first > span.from_day:
        opening = balances.at(span, first - 1)
    if last < span.to_day:
        closing = balances.at(span, last)
    return span._replace(
        from_day=first, to_day=last, id=key, opening_fen=opening, closing_fen=closing, word=word
    )


def _pieces(span: Span, confirmed: Mapping[int, Iterable[Range]]) -> Iterator[tuple[Day, Day, str]]:
    """The days of a statement in order, those confirmed and those between them."""
    at = span.from_day
    for first, last in join_ranges(confirmed.get(span.id, ())):
        first, last = max(first, span.from_day), min(last, span.to_day)
        if first > last:
            continue
        if first > at:
            yield at, first - 1, INSTITUTION
        yield first, last, CONFIRMED
        at = last + 1
    if at <= span.to_day:
        yield at, span.to_day, INSTITUTION
