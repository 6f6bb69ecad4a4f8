"""Times two things in turn, so that whatever else the machine does meanwhile meets both."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Pair(NamedTuple):
    """Ours beside something bare: medians over all runs, in seconds of wall-clock time."""

    ours_seconds: float
    bare_seconds: float
    times_as_fast: float  # the median of the ratios of each run: 2.0 takes half the time

    @property
    def times_as_long(self) -> float:
        """How many times as long ours takes."""
        return 1 / self.times_as_fast


def compare(ours: Callable[[], object], bare: Callable[[], object], runs: int) -> Pair:
    """Both run by turns, ``runs`` times each."""
    pairs = [(seconds_of(ours), seconds_of(bare)) for _ in range(runs)]
    return pair_of(pairs)


def pair_of(pairs: list[tuple[float, float]]) -> Pair:
    """The medians of pairs of seconds, ours before bare."""
    ours, bare = zip(*pairs, strict=True)
    ratios = [theirs / own for own, theirs in pairs]
    return Pair(statistics.median(ours), statistics.median(bare), statistics.median(ratios))


def seconds_of(work: Callable[[], object]) -> float:
    """How long a piece of work takes, without the rubbish of the one before."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_seconds_of(work: Callable[[], object]) -> float:
    """How much of the processors a piece of work takes, whatever else the machine does."""
    started = time.process_time()
    work()
    return time.process_time() - started
