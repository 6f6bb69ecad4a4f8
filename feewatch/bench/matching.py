"""Precision and recall of matching over 2,000 labelled cases."""

from collections.abc import Iterator
from itertools import islice

from feewatch.bench.figures import Figure, Target
from feewatch.demo.labelled import make_cases
from feewatch.demo.scoring import Score, score
from feewatch.kernel.text import Text

TITLE = Text("匹配的查准率与查全率", "Precision and recall of matching")
_CASES = 2000


def run(scale: float) -> Iterator[Figure]:
    """Over all cases the share of matches that are right, and kind by kind the share found."""
    scores = score(islice(make_cases(), max(int(_CASES * scale), 1)))
    total = scores["all"]
    if total.matched:
        precision = total.right / total.matched
        name = Text("查准率（全部）", "precision, all cases")
        yield Figure(name, precision, "", Target("≥", 1.0), _of(total))
    for kind, each in scores.items():
        if each.expected:
            name = Text(f"查全率（{kind}）", f"recall, {kind}")
            yield Figure(name, each.found / each.expected, "", None, _of(each))


def _of(score: Score) -> dict[str, float]:
    return {name: float(value) for name, value in score._asdict().items()}
