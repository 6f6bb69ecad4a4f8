"""How the time of each rule grows with the office: twice the data should take twice the time.

The curves are drawn from the record of ``bench check``; nothing is measured for them.
"""

import gc
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from math import log
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from feewatch.bench.drawing import Chart, draw
from feewatch.bench.figures import Figure, Target
from feewatch.bench.record import RESULTS
from feewatch.bench.timing import cpu_seconds_of
from feewatch.engine.book import RuleBook
from feewatch.kernel.garbage import no_collection
from feewatch.kernel.text import Text
from feewatch.services.check.judging import Evaluation, RuleOutcomes

#: 1 is in step with the data; sorting takes a little more.
MOST = 1.1
#: Less time than this is too short to be measured.
_SHORTEST_SECONDS = 0.001
#: A rule of which so much is measured is not run again.
_ENOUGH_SECONDS = 1.0
_EXPONENT = Text("用时随数据量增长的指数", "exponent of its time in the data")
_ENTRIES = re.compile(r"cpu_seconds_at_(\d+)_entries")
IMAGES = Path("docs/images")
#: Of a picture; more cannot be told apart.
_LINES = 6

#: A rule, and its CPU seconds by entries.
_Curve = tuple[str, list[tuple[int, float]]]


class Measured(NamedTuple):
    """What each rule took in an office of some size."""

    entries: int
    seconds: Mapping[str, float]  # by rule: CPU time, its facts computed anew
    outcomes: Mapping[str, int]  # by rule


def measure(
    anew: Callable[[], AbstractContextManager[Evaluation]],
    book: RuleBook,
    entries: int,
    runs: int = 1,
) -> Measured:
    """The CPU time of each rule by itself: its counts and its breaches, as a check reads them.

    ``anew``: an evaluation that keeps no facts yet; what it kept is gone at the end of the block,
    so that no more than the facts of one rule are held. Of a quick rule, the median of
    up to ``runs``.
    """
    seconds, judged = {}, {}
    for rule in book.rules.values():
        taken: list[float] = []
        while not taken or (len(taken) < runs and sum(taken) < _ENOUGH_SECONDS):
            gc.collect()
            with anew() as evaluation, evaluation.of(rule) as outcomes, no_collection():
                taken.append(cpu_seconds_of(partial(_read, outcomes)))
                judged[rule.id] = sum(int(row["evaluated"]) for row in outcomes.count())
        seconds[rule.id] = max(median(taken), _SHORTEST_SECONDS)
    return Measured(entries, seconds, judged)


def _read(outcomes: RuleOutcomes) -> None:
    outcomes.count()
    outcomes.breaches()


def exponent(small: Measured, large: Measured, rule: str) -> float:
    """The power of the data with which the time of a rule grows: 2 is with the square."""
    return log(large.seconds[rule] / small.seconds[rule]) / log(large.entries / small.entries)


def figures(sizes: Sequence[Measured]) -> Iterator[Figure]:
    """The exponents of each rule with its times, and how many rules are above the bound.

    ``sizes``: two or more offices, the smallest first. Told of a rule is the larger of its exponent
    over all sizes and that over the last step, which a bend upwards shows first.
    """
    rules = sizes[0].seconds
    whole = {rule: exponent(sizes[0], sizes[-1], rule) for rule in rules}
    last = {rule: exponent(sizes[-2], sizes[-1], rule) for rule in rules}
    grown = {rule: max(whole[rule], last[rule]) for rule in rules}
    yield Figure(
        Text(f"用时增长快于数据量 {MOST} 次方的规则",
             f"Rules whose time grows faster than the data to the power of {MOST}"),
        sum(power > MOST for power in grown.values()), "rules", Target("≤", 0),
        {"rules": len(grown), "largest_exponent": max(grown.values()),
         **{_at(each): sum(each.seconds.values()) for each in sizes}},
    )  # fmt: skip
    idle = [rule for rule in rules if not all(each.outcomes[rule] for each in sizes)]
    yield Figure(
        Text("其中在某一规模下没有可判定对象的规则", "Of them with nothing to judge at some size"),
        len(idle), "rules", Target("≤", 0), {rule: sizes[-1].outcomes[rule] for rule in idle},
    )  # fmt: skip
    for rule, power in grown.items():
        yield Figure(
            Text(f"{rule} {_EXPONENT.zh}", f"{rule}: {_EXPONENT.en}"),
            power, "", Target("≤", MOST),
            {"over_all_sizes": whole[rule], "over_the_last_step": last[rule],
             **{_at(each): each.seconds[rule] for each in sizes},
             "outcomes": sizes[-1].outcomes[rule]},
        )  # fmt: skip


def _at(measured: Measured) -> str:
    return f"cpu_seconds_at_{measured.entries}_entries"


def write(folder: Path) -> None:
    """Draw the curves anew in a clone, from its record; nothing where there are none to draw."""
    record, images = folder / RESULTS / "check.json", folder / IMAGES
    if record.is_file() and images.is_dir():
        for old in images.glob("growth-*.svg"):
            old.unlink()
        for name, picture in pictures(json.loads(record.read_text(encoding="utf-8"))).items():
            (images / name).write_text(picture, encoding="utf-8", newline="\n")


def pictures(record: Mapping[str, Any]) -> dict[str, str]:
    """SVGs by their file names: the times of a few rules each, the slowest first."""
    curves = sorted(_curves(record), key=lambda curve: -curve[1][-1][1])
    return {
        f"growth-{number}.svg": draw(
            Chart(
                f"规则用时随流水笔数的增长（{number}）/ time of rules by entries ({number})",
                "流水笔数 / entries",
                "CPU 秒 / CPU seconds",
                {rule: [(x, max(y, _SHORTEST_SECONDS)) for x, y in points] for rule, points in few},
            )
        )
        for number, few in enumerate(_batches(curves), 1)
    }


def _batches(curves: Sequence[_Curve]) -> Iterator[Sequence[_Curve]]:
    for first in range(0, len(curves), _LINES):
        yield curves[first : first + _LINES]


def _curves(record: Mapping[str, Any]) -> Iterator[_Curve]:
    """Each rule of a record with its CPU seconds by entries."""
    for figure in record["figures"]:
        rule, _, rest = figure["name"]["en"].partition(": ")
        if rest == _EXPONENT.en:
            told = ((_ENTRIES.fullmatch(name), value) for name, value in figure["of"].items())
            yield rule, [(int(found[1]), value) for found, value in told if found]
