"""What the scenarios of a rule book lack: a side of a limit, a side of a day of change."""

from collections.abc import Iterator, Mapping, Sequence

from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.lint import used_names
from feewatch.engine.loader import parameter_value
from feewatch.engine.reference_lint import is_read
from feewatch.engine.scenarios import OUTCOMES, Scenario
from feewatch.kernel.days import LAST_DAY, Day, format_day
from feewatch.kernel.places import covers
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
    for scenario in (scenario for rule in scenarios.values() for scenario in rule):
        yield from _lint_parameters(book, scenario)
    for rule in book.rules.values():
        yield from _lint_rule(book, rule, scenarios.get(rule.id, ()))
    priced = [rule.id for rule in book.rules.values() if "price_fen" in used_names(rule)]
    tried = [scenario for name in priced for scenario in scenarios.get(name, ())]
    for place, day in sorted(_price_days(book)) if priced else ():
        yield from _lint_day(tried, f"scenarios/{priced[0]}.toml", place, day, 0)


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


def _lint_rule(book: RuleBook, rule: Rule, scenarios: Sequence[Scenario]) -> Iterator[Problem]:
    path = f"scenarios/{rule.id}.toml"
    shown = {each.outcome for each in scenarios}
    wanted = ["breach", "compliant", *(["undetermined"] if rule.needs else [])]
    for outcome in wanted:
        if outcome not in shown:
            word = OUTCOMES[outcome]
            wrong = Text(f"没有“{word}”的情形", f"no scenario is {outcome}: each side needs one")
            yield Problem("SCENARIO-MISSING", wrong, path, None, "scenarios")
    starts = {(block.jurisdiction, block.from_day) for block in rule.in_force}
    for place, day in sorted(starts | set(_legal_days(book, rule))):
        yield from _lint_day(scenarios, path, place, day, _SPANS.get(rule.subject, 0))


def _legal_days(book: RuleBook, rule: Rule) -> Iterator[tuple[str, Day]]:
    """Places and days on which a figure that a document fixes begins, or has ended."""
    for name in rule.parameters:
        for value in book.parameters[name].values:
            if value.reference is not None and is_read(book, value.reference):
                yield from _changes(value.jurisdiction, value.from_day, value.to_day)


def _price_days(book: RuleBook) -> set[tuple[str, Day]]:
    """Places and days on which a guided price that decides begins, or has ended."""
    return {
        change
        for price in book.prices
        if price.decides
        for change in _changes(price.place, price.from_day, price.to_day)
    }


def _changes(place: str, first: Day, last: Day) -> Iterator[tuple[str, Day]]:
    yield place, first
    if last < LAST_DAY:
        yield place, last + 1


def _lint_day(
    scenarios: Sequence[Scenario], path: str, place: str, start: Day, span: int
) -> Iterator[Problem]:
    """Either side of a day of change that no scenario of the place names."""
    inside = (each for each in scenarios if covers(place, each.institution["district"]))
    named = set[str]().union(*(each.days for each in inside))
    for side in (range(start - 1 - span, start), range(start, start + 1 + span)):
        if named.isdisjoint(map(format_day, side)):
            missing, first = format_day(side[-1 if side[0] < start else 0]), format_day(start)
            wrong = Text(
                f"{place} 自 {first} 起的规定：没有写到 {missing} 的情形",
                f"in force in {place} from {first}: no scenario there names {missing}",
            )
            yield Problem("SCENARIO-DAY", wrong, path, None, "scenarios")
