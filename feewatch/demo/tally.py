"""What was planted against what was found, rule by rule."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from feewatch.demo.model import Expected


class Tally(NamedTuple):
    """How many breaches of one rule were planted, found, missed, and found without being there."""

    rule: str
    planted: int
    found: int
    missed: int
    spurious: int


def tally(expected: Collection[Expected], found: Collection[Expected]) -> list[Tally]:
    """One line a rule, and a last one for all."""
    planted, hit = frozenset(expected), frozenset(found)
    columns = [
        Counter(each.rule for each in group)
        for group in (planted, planted & hit, planted - hit, hit - planted)
    ]
    rules = sorted(set().union(*columns))
    lines = [Tally(rule, *(column[rule] for column in columns)) for rule in rules]
    return [*lines, Tally("", *(column.total() for column in columns))]
