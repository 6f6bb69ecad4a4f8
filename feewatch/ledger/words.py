"""Whose word statements are, and what follows for the days of an account where words differ.

Pure. What the institution alone tells is kept and shown and may show a breach; it proves nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.ledger.balances import DayTotal, Span

#: Whose word counts most comes first; ``confirmed`` is the institution's, by which the bank stood.
WORDS: dict[str, Text] = {
    "bank": Text("银行直送", "bank"),
    "office": Text("监管部门收取", "office"),
    "confirmed": Text("机构自报，银行已核对", "institution, confirmed by the bank"),
    "institution": Text("机构自报，未核对", "institution alone"),
}
CONFIRMED = "confirmed"
INSTITUTION = "institution"
_RANKS = {word: rank for rank, word in enumerate(WORDS)}


class ToldRange(NamedTuple):
    """Days that are told by one word and by no better one."""

    word: str
    from_day: Day
    to_day: Day


def is_proven(span: Span) -> bool:
    """Whether a statement is more than the institution's own word."""
    return span.word != INSTITUTION


def rank_of(word: str) -> int:
    """The place of a word among all; the best one is 0."""
    return _RANKS[word]


def by_words(spans: Iterable[Span]) -> list[ToldRange]:
    """The days that statements cover, each by the best word that tells it, as maximal ranges."""
    edges: defaultdict[Day, list[tuple[int, int]]] = defaultdict(list)
    for span in spans:
        if span.from_day <= span.to_day:
            edges[span.from_day].append((rank_of(span.word), 1))
            edges[span.to_day + 1].append((rank_of(span.word), -1))
    words = list(WORDS)
    open_now = [0] * len(words)
    told: list[ToldRange] = []
    start, word = 0, ""
    for day in sorted(edges):
        if word:
            _append(told, ToldRange(word, start, day - 1))
        for rank, change in edges[day]:
            open_now[rank] += change
        best = next((rank for rank, count in enumerate(open_now) if count), None)
        start, word = day, "" if best is None else words[best]
    return told


def _append(told: list[ToldRange], more: ToldRange) -> None:
    if told and told[-1].word == more.word and told[-1].to_day + 1 == more.from_day:
        told[-1] = told[-1]._replace(to_day=more.to_day)
    else:
        told.append(more)


class Told(NamedTuple):
    """Accepted statements of an account, and their rows by day."""

    spans: Sequence[Span]
    totals: Sequence[DayTotal]

    @property
    def proven(self) -> "Told":
        """What is more than the institution's own word."""
        return self._only({span.id for span in self.spans if is_proven(span)})

    @property
    def claimed(self) -> "Told":
        """What the institution alone tells."""
        return self._only({span.id for span in self.spans if not is_proven(span)})

    @property
    def is_mixed(self) -> bool:
        """Whether some of it is proven and some is not."""
        return len({is_proven(span) for span in self.spans}) > 1

    def _only(self, keys: Collection[int]) -> "Told":
        return Told(
            [span for span in self.spans if span.id in keys],
            [total for total in self.totals if total.statement_id in keys],
        )
