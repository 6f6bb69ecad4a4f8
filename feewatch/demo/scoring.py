"""How well matching does on labelled cases: precision, recall, kind by kind."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from feewatch.demo.labelled import Case
from feewatch.kernel.money import format_quotient
from feewatch.ledger.matching import derive


class Score(NamedTuple):
    """Pairs of entry and contract over some cases."""

    cases: int = 0
    matched: int = 0
    right: int = 0
    expected: int = 0
    found: int = 0

    def plus(self, other: "Score") -> "Score":
        """Both together."""
        return Score(*(one + another for one, another in zip(self, other, strict=True)))

    @property
    def precision(self) -> str:
        """The share of matches that are right."""
        return format_quotient(self.right, self.matched) if self.matched else "-"

    @property
    def recall(self) -> str:
        """The share found of what the books tell well enough."""
        return format_quotient(self.found, self.expected) if self.expected else "-"


def score(cases: Iterable[Case]) -> dict[str, Score]:
    """The scores of each kind of case, and of all as ``all``."""
    scores: dict[str, Score] = {}
    for case in cases:
        found = _score(case)
        scores[case.kind] = scores.get(case.kind, Score()).plus(found)
    total = Score()
    for each in scores.values():
        total = total.plus(each)
    return scores | {"all": total}


def _score(case: Case) -> Score:
    matched = Counter((each.entry_id, each.contract_id) for each in derive(case.books).matches)
    right = {pair for pair in matched if pair in case.truth}
    # a pair matched twice would pay twice
    wrong = sum(matched.values()) - len(right)
    about = {pair for pair in right if pair[0] not in case.background}
    found = len(about & case.expected)
    return Score(1, len(about) + wrong, len(about), len(case.expected), found)


def as_table(scores: dict[str, Score]) -> str:
    """The scores as a table in Markdown."""
    head = "| cases | count | matched | precision | recall |\n|---|---|---|---|---|"
    rows = [
        f"| {kind} | {each.cases} | {each.matched} | {each.precision} | {each.recall} |"
        for kind, each in scores.items()
    ]
    return "\n".join([head, *rows])
