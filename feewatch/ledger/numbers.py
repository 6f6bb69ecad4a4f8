"""Finds the numbers on file (contracts, refunds) that the memo of a bank row names."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import accumulate, chain

from feewatch.kernel.days import Day

#: Stands in a memo where a line of the bank's ends between two letters or digits.
LINE_END = "  "
_RUN = re.compile("[0-9A-Za-z]+")
#: A run that goes on behind a space may be one number.
_BROKEN = re.compile("[0-9A-Za-z] [0-9A-Za-z]")


def fold(text: str) -> str:
    """The form in which numbers are compared: NFKC, upper case, spaces kept."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).upper()


class NumberIndex:
    """The numbers of one register of one institution, ready to be found in memos."""

    def __init__(self, numbers: Iterable[tuple[str, int]]) -> None:
        self._ids: dict[str, int | None] = {}  # None: of several
        for number, key in numbers:
            folded = "".join(fold(number).split())
            if folded == number:
                folded = number  # one text for both: a register may be long
            if folded:
                self._ids[folded] = None if folded in self._ids else key
        lengths = {(number[0], len(number)) for number in self._ids}
        self._lengths: dict[str, list[int]] = {}
        for first, length in sorted(lengths, reverse=True):
            self._lengths.setdefault(first, []).append(length)
        starts = "".join(self._lengths)
        self._starts = re.compile(f"[{re.escape(starts)}]") if starts else None
        self._are_runs = all(number.isascii() and number.isalnum() for number in self._ids)

    @property
    def is_empty(self) -> bool:
        """Whether the register holds no number."""
        return not self._ids

    def named_in(self, memo: str | None, on: Day | None = None) -> tuple[int, ...]:
        """Keys of the numbers that the memo names, each once, in the order named.

        Spaces inside a number are ignored, but not two of them, which stand where a line ends; a
        number inside a longer run of Latin letters or digits is another number. What can be read
        as two numbers names neither. ``on``: the day of the memo, where numbers differ by day.
        """
        if memo is None or self._starts is None:
            return ()
        if LINE_END in memo:
            lines = (self.named_in(line, on) for line in memo.split(LINE_END))
            return tuple(dict.fromkeys(chain.from_iterable(lines)))
        parts = fold(memo).split()
        if self._are_runs:
            apart = parts[0] if len(parts) == 1 else " ".join(parts)
            if len(parts) == 1 or not _BROKEN.search(apart):
                return self._runs_in(apart)
        text = "".join(parts)
        start = self._starts.search(text)
        if start is None:
            return ()
        gaps = set(accumulate(map(len, parts))) if len(parts) > 1 else {len(text)}
        named: dict[int, None] = {}
        while start is not None:
            ends = self._ends(text, start.start(), gaps)
            if ends:
                key = self._ids[text[start.start() : ends[0]]]
                # "HT1 2" may be HT12 with a space inside or HT1 with a 2 after it
                if key is not None and not any(end in gaps for end in ends[1:]):
                    named[key] = None
            start = self._starts.search(text, ends[0] if ends else start.end())
        return tuple(named)

    def _runs_in(self, text: str) -> tuple[int, ...]:
        """The same of a text in which each run of letters and digits may be a number by itself."""
        runs = _RUN.findall(text)
        if len(runs) == 1:
            key = self._ids.get(runs[0])
            return () if key is None else (key,)
        found = map(self._ids.get, runs)
        return tuple(dict.fromkeys(key for key in found if key is not None))

    def _ends(self, text: str, at: int, gaps: set[int]) -> list[int]:
        """Where numbers that start here end, the longest first."""
        if _run_goes_on(text, at, gaps):
            return []
        ends = (at + length for length in self._lengths[text[at]] if at + length <= len(text))
        return [e for e in ends if text[at:e] in self._ids and not _run_goes_on(text, e, gaps)]


class MovedNumbers(NumberIndex):
    """The numbers of an institution and, from a day on, of those that it succeeded."""

    def __init__(self, own: NumberIndex, numbers: Iterable[tuple[str, int]], since: Day) -> None:
        super().__init__(numbers)
        self._own, self._since = own, since

    def named_in(self, memo: str | None, on: Day | None = None) -> tuple[int, ...]:
        """Keys of the numbers that a memo of a day names; the day of no memo is the last one."""
        if on is not None and on < self._since:
            return self._own.named_in(memo)
        return super().named_in(memo, on)


def _run_goes_on(text: str, at: int, gaps: set[int]) -> bool:
    """Whether one run of Latin letters or digits crosses this place."""
    if at == 0 or at >= len(text) or at in gaps:
        return False
    edge = text[at - 1 : at + 1]
    return edge.isascii() and edge.isalnum()
