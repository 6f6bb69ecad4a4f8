"""Runs the scenarios of a rule book against the engine and tells what came out otherwise."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Config, DatabaseConfig, RuleFolders
from feewatch.engine.book import RuleBook
from feewatch.engine.findings import Breach, Finding
from feewatch.engine.loader import parameter_value
from feewatch.engine.revision import with_value_at
from feewatch.engine.scenarios import NOT_JUDGED, OUTCOMES, Scenario
from feewatch.founding import initialise
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.trials.scenario_world import Placed, build, place
from feewatch.store.check import checks
from feewatch.store.check.checks import OFFICE


class Result(NamedTuple):
    """A scenario and everything that came out otherwise than it says; empty: it passed."""

    scenario: Scenario
    wrong: tuple[Text, ...]


@contextmanager
def scratch_app(folders: Sequence[Path]) -> Iterator[App]:
    """An empty installation in memory under the shipped rule book with folders laid over it."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            Path(folder),
            database=DatabaseConfig("sqlite:///:memory:"),
            rules=RuleFolders([str(each) for each in folders]),
        )
        app = initialise(config)
        try:
            yield app
        finally:
            app.database.dispose()


def run_scenarios(app: App, scenarios: Sequence[Scenario]) -> list[Result]:
    """Build the scenarios in an empty installation, judge them, and compare.

    Raises: InvalidInputError where their facts are no register rows.
    """
    world = place(scenarios)
    build(app, world, app.config.var / "scenarios")
    app.database.take_stock(everything=True)  # what was built is not noted yet
    book = rule_book(app)
    alike: defaultdict[tuple[Day, str], list[Placed]] = defaultdict(list)
    for placed in world:
        own_law = f"{placed.number}" if placed.scenario.parameters else ""
        alike[placed.scenario.as_of, own_law].append(placed)
    results = {
        id(placed.scenario): result
        for (as_of, _), group in alike.items()
        for placed, result in _judge(app, _book_of(book, group[0].scenario), as_of, group)
    }
    return [results[id(each)] for each in scenarios]


def _book_of(book: RuleBook, scenario: Scenario) -> RuleBook:
    """The book with the values that a scenario states for its own place."""
    place = scenario.institution["district"]
    revised = dict(book.parameters)
    for name, raw in scenario.parameters.items():
        value = parameter_value(raw, revised[name].unit)
        assert value is not None
        revised[name] = with_value_at(revised[name], value, place)
    return replace(book, parameters=revised) if scenario.parameters else book


def _judge(
    app: App, book: RuleBook, as_of: Day, group: Sequence[Placed]
) -> Iterator[tuple[Placed, Result]]:
    with app.database.reading() as tx:
        known = (checks.find_institution(tx, each.uscc) for each in group)
        scope = {OFFICE, *(each for each in known if each is not None)}
        evaluation = Evaluation(
            tx, app.database.dialect, book, as_of, app.config.office.district, scope
        )
        for rule in sorted({each.scenario.rule for each in group}):
            with evaluation.of(book.rules[rule]) as outcomes:
                findings, breaches = list(outcomes.findings()), outcomes.breaches()
                repeated = list(_tell_repeated(outcomes.repeated()))
            for placed in group:
                if placed.scenario.rule == rule:
                    mine = [each for each in findings if _is_of(placed, each)]
                    broken = [each for each in breaches if _is_of(placed, each)]
                    wrong = *_compare(placed, mine, broken), *_twice(mine), *repeated
                    repeated = []  # a fault of the fact, told once
                    yield placed, Result(placed.scenario, wrong)


def _tell_repeated(repeated: Iterable[tuple[str, str]]) -> Iterator[Text]:
    for fact, grain in repeated:
        yield Text(
            f"事实 {fact} 有几行的 grain 相同：{grain}",
            f"rows of {fact} share their grain: {grain}",
        )


def _twice(findings: Iterable[Finding]) -> Iterator[Text]:
    """Subjects that the rule judges twice: an alert could not tell which it is about."""
    times = Counter(finding.identity for finding in findings)
    for identity, judged in times.items():
        if judged > 1:
            subject = f"{identity.subject_id} {format_day(identity.on)}"
            yield Text(f"同一对象判了 {judged} 次：{subject}", f"judged {judged} times: {subject}")


def _is_of(placed: Placed, outcome: Finding | Breach) -> bool:
    identity, on = outcome.identity, placed.scenario.on
    if on is not None and identity.on != on:
        return False
    if identity.uscc:
        return identity.uscc == placed.uscc
    return identity.subject_id.partition("#")[0] in placed.hashes


def _compare(
    placed: Placed, findings: Sequence[Finding], breaches: Sequence[Breach]
) -> Iterator[Text]:
    scenario = placed.scenario
    outcome = _outcome(findings)
    if outcome != scenario.outcome:
        yield Text(
            f"应为“{OUTCOMES[scenario.outcome]}”，判为“{OUTCOMES[outcome]}”",
            f"should be {scenario.outcome}, came out {outcome}",
        )
        return
    reasons = " ".join(each.reason.both() for each in findings if each.reason)
    if scenario.reason not in reasons:
        yield Text(
            f"理由应含“{scenario.reason}”，实为“{reasons}”",
            f"the reason should hold {scenario.reason!r}, it is {reasons!r}",
        )
    for breach in breaches:
        yield from _compare_breach(placed, breach)


def _outcome(findings: Collection[Finding]) -> str:
    """The outcome that counts: a breach before what cannot be judged, both before compliant."""
    seen = {each.outcome for each in findings}
    return next(
        (each for each in ("breach", "undetermined", "compliant") if each in seen), NOT_JUDGED
    )


def _compare_breach(placed: Placed, breach: Breach) -> Iterator[Text]:
    scenario = placed.scenario
    wanted = {
        "measured": (scenario.measured, _shown(breach.measured, breach.unit)),
        "limit": (scenario.limit, _shown(breach.limit, breach.unit)),
        "severity": (scenario.severity, breach.severity),
        "authority": (scenario.authority, breach.authority),
    }
    for name, (expected, actual) in wanted.items():
        if isinstance(expected, str):
            expected = placed.numbers.get(expected, expected)
        if expected is not None and expected != actual:
            line = breach.calculation
            yield Text(
                f"{name} 应为 {expected}，实为 {actual}({line.zh})",
                f"{name} should be {expected}, is {actual} ({line.en})",
            )


def _shown(figure: int | str | None, unit: str) -> Decimal | str | None:
    """A figure as a person reads it: money in yuan."""
    if figure is None or unit == "text":
        return figure if figure is None else str(figure)
    if figure == "∞":
        return "∞"
    return Decimal(figure) / 100 if unit in ("fen", "fen_per_lesson") else Decimal(figure)
