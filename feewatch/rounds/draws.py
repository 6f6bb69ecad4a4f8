"""Draws of visits that nobody is told of (四不两直), by a seed on record: anybody draws them again.

From the seed and the pool alone the same institutions come out, in the same order, on every
machine: the chance is SHA-256, not a library's.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple


class Lot(NamedTuple):
    """An institution that may be drawn, with the tickets it has in the draw."""

    uscc: str
    tickets: int


def draw(seed: str, pool: Sequence[Lot], size: int) -> list[str]:
    """The codes of the institutions drawn, each once, in the order of the draw."""
    left = sorted(lot for lot in pool if lot.tickets > 0)
    drawn: list[str] = []
    while left and len(drawn) < size:
        ticket = _number(seed, len(drawn)) % sum(lot.tickets for lot in left)
        for place, lot in enumerate(left):
            ticket -= lot.tickets
            if ticket < 0:
                drawn.append(left.pop(place).uscc)
                break
    return drawn


def _number(seed: str, turn: int) -> int:
    """The whole number of a turn: SHA-256 of seed and turn, so large that it favours nobody."""
    return int(hashlib.sha256(f"{seed}/{turn}".encode()).hexdigest(), 16)
