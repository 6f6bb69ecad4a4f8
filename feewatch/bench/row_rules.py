"""The rules on single rows, judged in the database, against evaluators that take row by row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from feewatch.bench.figures import Figure, Target
from feewatch.bench.timing import compare
from feewatch.engine.book import RuleBook
from feewatch.engine.compiler import BREACH, NOT_YET
from feewatch.kernel.extras import library
from feewatch.kernel.text import Text
from feewatch.services.check.judging import Evaluation

_PRICE = (
    "fee_fen * standard_minutes * 1000000 > "
    "price_fen * (1000000 + float_ppm) * total_lessons * lesson_minutes"
)
#: rule -> (what must be known, when it is a breach), in words that both evaluators understand.
_RULES = {
    "FEE-HOURS-60": (("total_lessons",), "total_lessons > prepaid_lessons_max"),
    "FEE-SPAN-3M": (("span_months",), "span_months >= prepaid_months_max"),
    "FEE-CAP-5000": (("fee_fen",), "fee_fen > prepaid_fee_max"),
    "FEE-EARLY-NEW": (("lead_months_up",), "lead_months_up > early_months_max"),
    "PRICE-GUIDE": (
        ("fee_fen", "standard_minutes", "price_fen", "total_lessons", "lesson_minutes"),
        _PRICE,
    ),
}
#: Which of the figures is that of CEL given only the columns that a rule reads.
NARROW = 1
Evaluate = Callable[[Mapping[str, Any]], object]


class _Case(NamedTuple):
    """The rows of a rule in memory, and what the database made of them."""

    expression: str
    whole: Sequence[Mapping[str, Any]]  # with all that an alert would tell of the row
    narrow: Sequence[Mapping[str, Any]]  # only the columns that the rule reads
    outcomes: Sequence[bool | None]


def compare_rows(
    anew: Callable[[], Evaluation], book: RuleBook, runs: int, place: Text
) -> Iterator[Figure]:
    """How many times as fast the five rules are judged in a database, each answer compared.

    ``anew``: an evaluation that keeps no facts yet, so that every run computes them from the store.
    ``place``: which database that is.
    """
    first = anew()
    cases = [_case(first, book, name) for name in _RULES]

    def ours() -> None:
        for outcomes in anew().of_each(book.rules[name] for name in _RULES):
            outcomes.count()

    whole = [each.whole for each in cases]
    narrow = [each.narrow for each in cases]
    for against, evaluator, rows, target in (
        (Text("CEL，整行", "CEL given whole rows"), _cel, whole, 10),
        (Text("CEL，仅所读各列", "CEL given only the columns read"), _cel, narrow, 10),
        (Text("rule-engine", "rule-engine"), _rule_engine, whole, 50),
    ):
        bare = _one_by_one(evaluator, cases, rows)
        pair = compare(ours, bare, runs)
        yield Figure(
            Text(
                f"逐行规则在 {place.zh} 内判定，对 {against.zh}",
                f"Row rules on {place.en} against {against.en}",
            ),
            pair.times_as_fast,
            "×",
            Target("≥", target),
            {
                "rows": sum(map(len, rows)),
                "database_seconds": pair.ours_seconds,
                "evaluator_seconds": pair.bare_seconds,
            },
        )


def _one_by_one(
    evaluator: Callable[[str], Evaluate],
    cases: Sequence[_Case],
    rows: Sequence[Sequence[Mapping[str, Any]]],
) -> Callable[[], None]:
    evaluators = [evaluator(case.expression) for case in cases]

    def evaluate_all() -> None:
        for evaluate, case, each in zip(evaluators, cases, rows, strict=True):
            if [evaluate(row) for row in each] != case.outcomes:
                raise AssertionError(case.expression)

    return evaluate_all


def _case(evaluation: Evaluation, book: RuleBook, name: str) -> _Case:
    needs, breach = _RULES[name]
    names = {word for word in breach.translate({40: " ", 41: " "}).split() if word[0].isalpha()}
    with evaluation.of(book.rules[name]) as outcomes:
        judged = [row for row in outcomes.rows() if row["outcome"] != NOT_YET]
    whole = [{key.removeprefix("s_"): value for key, value in row.items()} for row in judged]
    unknown = " || ".join(f"{column} == null" for column in needs)
    return _Case(
        f"{unknown} ? null : {breach}",
        whole,
        [{key: row[key] for key in names} for row in whole],
        [None if row["outcome"] is None else row["outcome"] == BREACH for row in judged],
    )


def _cel(expression: str) -> Evaluate:
    execute: Evaluate = library("cel").compile(expression).execute
    return execute


def _rule_engine(expression: str) -> Evaluate:
    evaluate: Evaluate = library("rule_engine").Rule(expression.replace("||", "or")).evaluate
    return evaluate
