"""Recognises the header of a bank's table: which line it is, and whose layout it is."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.lines import Line, TableError
from feewatch.statements.dialects import Dialect, column_key

#: The header stands within so many lines of the top, and is no longer than this.
_HEADER_WITHIN = 100
_LONGEST_HEADER = 200


class Header(NamedTuple):
    """A line that is a header, and the layouts that know most of its names: one, or a tie."""

    line: int
    keys: tuple[str, ...]
    dialects: tuple[Dialect, ...]

    @property
    def hash(self) -> str:
        """What tells this header from any other, in whatever form it is written."""
        return hashlib.sha256("|".join(self.keys).encode()).hexdigest()[:12]

    @property
    def tie(self) -> Problem | None:
        """Why no layout can be chosen, where two know as many names."""
        if len(self.dialects) == 1:
            return None
        names = ", ".join(each.id for each in self.dialects)
        text = Text(
            f"表头同样符合几个版式:{names};请用 --dialect 指明",
            f"the header fits several layouts alike: {names}; choose one with --dialect",
        )
        return Problem("FILE-LAYOUT-TIE", text, line=self.line)


def find_header(
    lines: Iterable[Line], dialects: Sequence[Dialect], *, is_chosen: bool = False
) -> Header | None:
    """The first line that is the header of a layout.

    ``is_chosen``: the layout was chosen by hand, so that day and money are enough.
    """
    possible: Header | None = None
    for number, keys in _tops(lines):
        known = [(each.likeness(keys), each) for each in dialects]
        most = max((likeness for likeness, _ in known), default=0)
        if most:
            best = tuple(each for likeness, each in known if likeness == most)
            return Header(number, keys, best)
        if is_chosen and possible is None:
            reading = tuple(each for each in dialects if each.reads(keys))
            possible = Header(number, keys, reading) if reading else None
    return possible


def _tops(lines: Iterable[Line]) -> Iterable[tuple[int, tuple[str, ...]]]:
    try:
        for count, (number, values) in enumerate(lines):
            if count >= _HEADER_WITHIN:
                return
            if sum(map(bool, values)) > 1:
                yield number, tuple(column_key(each) for each in values[:_LONGEST_HEADER])
    except TableError:
        return
