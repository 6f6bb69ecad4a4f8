"""What the scenarios of a rule book lack: a side of a limit, a side of a day of change."""

from collections.abc import Iterator, Mapping, Sequence

from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.loader import parameter_value
from feewatch.engine.scenarios import OUTCOMES, Scenario
from feewatch.kernel.days import format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: Subjects whose law day is the end of a span: days by which it may lie after the facts.
_SPANS = {"account_week": 6, "institution_month": 30}


def lint_scenarios(
    book: RuleBook, scenarios: Mapping[str, Sequence[Scenario]]
) -> Iterator[Problem]:
    """What is missing of the scenarios of a rule book: a side of a limit, a side of a day."""
    for name in sorted(scenarios.keys() - book.rules.keys()):
        zh, en = f"规则库中没有 {name}", f"no rule {name} in the book"
        yield Problem("SCENARIO-RULE", Text(zh, en), f"scenarios/{name}.toml")
    for each in (each for rule in scenarios.values() for each in rule):
        yield from _lint_parameters(book, each)
    for rule in book.rules.values():
        yield from _lint_rule(rule, scenarios.get(rule.id, ()))


def _lint_parameters(book: RuleBook, scenario: Scenario) -> Iterator[Problem]:
    for name, raw in scenario.parameters.items():
        at = f"scenarios[{scenario.number}].parameters"
        if name not in book.parameters:
            zh, en = f"未知参数 {name}", f"unknown parameter {name}"
            yield Problem("SCENARIO-PARAMETER", Text(zh, en), scenario.file, None, at)
        elif parameter_value(raw, book.parameters[name].unit) is None:
            unit = book.parameters[name].unit
            wrong = Text(f"{raw!r} 不是 {unit}", f"{raw!r} is no {unit}")
            yield Problem("SCENARIO-PARAMETER", wrong, scenario.file, None, at)


def _lint_rule(rule: Rule, scenarios: Sequence[Scenario]) -> Iterator[Problem]:
    path = f"scenarios/{rule.id}.toml"
    shown = {each.outcome for each in scenarios}
    wanted = ["breach", "compliant", *(["undetermined"] if rule.needs else [])]
    for outcome in wanted:
        if outcome not in shown:
            word = OUTCOMES[outcome]
            wrong = Text(f"没有“{word}”的情形", f"no scenario is {outcome}: each side needs one")
            yield Problem("SCENARIO-MISSING", wrong, path, None, "scenarios")
    named = set[str]().union(*(each.days for each in scenarios))
    span = _SPANS.get(rule.subject, 0)
    for start in sorted({block.from_day for block in rule.in_force}):
        for side in (range(start - 1 - span, start), range(start, start + 1 + span)):
            if named.isdisjoint(map(format_day, side)):
                missing, first = format_day(side[-1 if side[0] < start else 0]), format_day(start)
                wrong = Text(
                    f"自 {first} 起的规定:没有写到 {missing} 的情形",
                    f"in force from {first}: no scenario names {missing}",
                )
                yield Problem("SCENARIO-DAY", wrong, path, None, "scenarios")
