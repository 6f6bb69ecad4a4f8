"""How the time of each rule grows with the office: twice the data should take twice the time."""

import gc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import log
from statistics import median
from typing import NamedTuple

from feewatch.bench.figures import Figure, Target
from feewatch.bench.timing import cpu_seconds_of
from feewatch.engine.book import RuleBook
from feewatch.kernel.garbage import no_collection
from feewatch.kernel.text import Text
from feewatch.services.check.judging import Evaluation, RuleOutcomes

#: 1 is in step with the data; sorting takes a little more.
MOST = 1.1
#: Less time than this is too short to be measured.
_SHORTEST_SECONDS = 0.001


class Measured(NamedTuple):
    """What each rule took in an office of some size."""

    entries: int
    seconds: Mapping[str, float]  # by rule: CPU time, its facts computed anew


def measure(
    anew: Callable[[], Evaluation], book: RuleBook, entries: int, runs: int = 1
) -> Measured:
    """The CPU time of each rule by itself: its counts and its breaches, as a check reads them.

    ``anew``: an evaluation that keeps no facts yet. ``runs``: the median of so many.
    """
    seconds = {}
    for rule in book.rules.values():
        taken = []
        for _ in range(runs):
            gc.collect()
            with anew().of(rule) as outcomes, no_collection():
                taken.append(cpu_seconds_of(partial(_read, outcomes)))
        seconds[rule.id] = max(median(taken), _SHORTEST_SECONDS)
    return Measured(entries, seconds)


def _read(outcomes: RuleOutcomes) -> None:
    outcomes.count()
    outcomes.breaches()


def exponent(small: Measured, large: Measured, rule: str) -> float:
    """The power of the data with which the time of a rule grows: 2 is with the square."""
    return log(large.seconds[rule] / small.seconds[rule]) / log(large.entries / small.entries)


def figures(small: Measured, large: Measured) -> Iterator[Figure]:
    """The exponent of each rule with both times, and how many rules are above the bound."""
    grown = {rule: exponent(small, large, rule) for rule in large.seconds}
    yield Figure(
        Text(f"用时增长快于数据量 {MOST} 次方的规则",
             f"Rules whose time grows faster than the data to the power of {MOST}"),
        sum(power > MOST for power in grown.values()), "rules", Target("≤", 0),
        {"rules": len(grown), "largest_exponent": max(grown.values()),
         f"cpu_seconds_at_{small.entries}_entries": sum(small.seconds.values()),
         f"cpu_seconds_at_{large.entries}_entries": sum(large.seconds.values())},
    )  # fmt: skip
    for rule, power in grown.items():
        yield Figure(
            Text(f"{rule} 用时随数据量增长的指数", f"{rule}: exponent of its time in the data"),
            power, "", Target("≤", MOST),
            {f"cpu_seconds_at_{each.entries}_entries": each.seconds[rule]
             for each in (small, large)},
        )  # fmt: skip
