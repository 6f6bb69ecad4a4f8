"""Requests counted by what they were for and how they ended, over all processes of the site.

The counts lie in memory that processes share which are forked after it was made. Each adds to rows
of its own, so that none waits for another, and one that is killed leaves nothing locked.
"""

import mmap
import os
import threading
from typing import NamedTuple

#: Parts of the site by the beginning of an endpoint's address.
PARTS = ("public", "desk", "own", "api", "other")
STATUSES = ("2xx", "3xx", "4xx", "5xx")
#: Upper bounds in seconds, as Prometheus counts: each takes in those before it.
BOUNDS = (0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PROCESSES = 64
_CELLS = len(PARTS) * (len(STATUSES) + 1 + len(BOUNDS) + 1)
_DOUBLE = 8


class PartTally(NamedTuple):
    """What was counted of one part: requests by status, seconds in all, requests by bound."""

    by_status: dict[str, int]
    seconds: float
    by_bound: list[tuple[str, int]]


class Tally:
    """The counts of one site."""

    def __init__(self) -> None:
        self._cells = memoryview(mmap.mmap(-1, _PROCESSES * _CELLS * _DOUBLE)).cast("d")
        self._lock = threading.Lock()

    def count(self, part: str, status: int, seconds: float) -> None:
        """Put a request down."""
        first = (os.getpid() % _PROCESSES) * _CELLS + PARTS.index(part) * (_CELLS // len(PARTS))
        ends = first + len(STATUSES)
        bound = next((n for n, most in enumerate(BOUNDS) if seconds <= most), len(BOUNDS))
        with self._lock:
            self._cells[first + min(max(status // 100, 2), 5) - 2] += 1
            self._cells[ends] += seconds
            self._cells[ends + 1 + bound] += 1

    def read(self) -> dict[str, PartTally]:
        """What all processes counted, by part."""
        cells = self._cells.tolist()
        sums: list[float] = [sum(cells[cell::_CELLS]) for cell in range(_CELLS)]
        width = _CELLS // len(PARTS)
        return {
            part: _part(sums[place * width : (place + 1) * width])
            for place, part in enumerate(PARTS)
        }


def _part(cells: list[float]) -> PartTally:
    ends = len(STATUSES)
    counts, total = [int(each) for each in cells[ends + 1 :]], 0
    by_bound = []
    for name, count in zip([*map(str, BOUNDS), "+Inf"], counts, strict=True):
        total += count
        by_bound.append((name, total))
    by_status = {name: int(cells[place]) for place, name in enumerate(STATUSES)}
    return PartTally(by_status, cells[ends], by_bound)


def part_of(address: str) -> str:
    """The part of the site that an address belongs to."""
    first = address.split("/", 2)[1] if address.startswith("/") else ""
    return {"desk": "desk", "own": "own", "api": "api"}.get(
        first, "other" if first in ("static", "account") else "public"
    )
