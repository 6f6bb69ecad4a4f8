"""Class, term of publication and first day of repair of a decision, by the law of its own day.

Read strictly from ``credit_terms.toml``, which a jurist can change. What follows from a sanction is
never typed: a warning cannot be published for three years, nor a repair be put off.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from feewatch.engine.sources import LawReference, take_reference
from feewatch.kernel.days import FIRST_DAY, Day, add_months, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, one_of

FILE = "credit_terms.toml"
#: The classes, the lightest first: of several sanctions the gravest class counts.
CLASSES = ("minor", "general", "serious")
#: What a scenario says where no law on file governs the day.
UNKNOWN = "none"
_NO_NOTE = Text("", "")


@dataclass(frozen=True, slots=True)
class CreditClass:
    """What follows from sanctions of one class; months count from the day of the document."""

    name: str
    least_months: int
    most_months: int
    published: bool  # whether it is published without a reason of its own
    sanctions: tuple[str, ...]
    note: Text


@dataclass(frozen=True, slots=True)
class Regime:
    """The classes while one law is in force, both days included."""

    id: str
    title: Text
    from_day: Day
    to_day: Day
    reference: LawReference
    preset: bool  # nobody has read the article: the terms are the office's own
    classes: tuple[CreditClass, ...]


class CreditTerm(NamedTuple):
    """What the law of the document's day makes of its sanctions."""

    class_: CreditClass
    regime: Regime
    earliest_repair: Day
    last_day: Day


class TermScenario(NamedTuple):
    """A decision and what must follow from it; ``expected`` is empty where no law is on file."""

    on: Day
    sanctions: tuple[str, ...]
    expected: tuple[str, Day, Day, bool] | None  # class, earliest repair, last day, published


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """All of ``credit_terms.toml``."""

    sanctions: Mapping[str, Text]
    reasons: Mapping[str, Text]  # the only ones that may be published
    regimes: tuple[Regime, ...]
    scenarios: tuple[TermScenario, ...]
    hearing_for: tuple[str, ...] = ()  # sanctions whose notice tells of the right to a hearing

    def term(self, on: Day, sanctions: Collection[str]) -> CreditTerm | None:
        """What follows from a document's sanctions; None where no law on file governs its day.

        Raises: ValueError where there is no sanction or one that the law of that day does not know.
        """
        regime = next((each for each in self.regimes if each.from_day <= on <= each.to_day), None)
        if regime is None:
            return None
        of = {name: each for each in regime.classes for name in each.sanctions}
        if not sanctions or not of.keys() >= set(sanctions):
            raise ValueError(f"sanctions {sorted(sanctions)} are not all known to {regime.id}")
        gravest = max((of[name] for name in sanctions), key=lambda one: CLASSES.index(one.name))
        return CreditTerm(
            gravest,
            regime,
            add_months(on, gravest.least_months),
            add_months(on, gravest.most_months),
        )


NOTHING = CreditTerms({}, {}, (), ())


def read_credit_terms(values: dict[str, Any], path: str, faults: list[Problem]) -> CreditTerms:
    """The terms of a file; faults are collected."""
    table = Table(values, path, faults)
    sanctions, reasons = _named(table.table("sanctions")), _named(table.table("reasons"))
    hearing_for = table.words("hearing_for")
    for name in hearing_for:
        if name not in sanctions:
            table.must_be("hearing_for", one_of(tuple(sanctions)), name)
    regimes = tuple(_regime(each, sanctions) for each in table.tables("regimes"))
    scenarios = tuple(_scenario(each, sanctions) for each in table.tables("scenarios"))
    table.end()
    by_day = sorted(regimes, key=lambda one: one.from_day)
    return CreditTerms(sanctions, reasons, tuple(by_day), scenarios, hearing_for)


def _named(table: Table) -> dict[str, Text]:
    named = {name: table.bilingual(name) for name in table.names()}
    table.end()
    return named


def _regime(table: Table, sanctions: Mapping[str, Text]) -> Regime:
    table.known_date("checked")
    regime = Regime(
        table.filled("id"),
        table.bilingual("title"),
        *table.span("from", "to"),
        take_reference(table, table.filled("source")),
        table.flag("preset"),
        tuple(_class(each, sanctions) for each in table.tables("classes")),
    )
    table.end()
    return regime


def _class(table: Table, sanctions: Mapping[str, Text]) -> CreditClass:
    read = CreditClass(
        table.choice("class", CLASSES),
        table.whole("least_months") or 0,
        table.whole("most_months") or 0,
        table.flag("published"),
        _known(table, sanctions),
        table.bilingual("note", required=False) if table.has("note") else _NO_NOTE,
    )
    if not 0 <= read.least_months <= read.most_months:
        table.fault("most_months", "最长期限短于最短期限", "the longest term is below the least")
    table.end()
    return read


def _scenario(table: Table, sanctions: Mapping[str, Text]) -> TermScenario:
    on = table.day("on", FIRST_DAY)
    listed = _known(table, sanctions)
    name = table.choice("class", (*CLASSES, UNKNOWN))
    expected = None
    if name != UNKNOWN:
        repair, last = table.day("earliest_repair", on), table.day("last_day", on)
        expected = (name, repair, last, table.flag("published"))
    table.end()
    return TermScenario(on, listed, expected)


def _known(table: Table, sanctions: Mapping[str, Text]) -> tuple[str, ...]:
    listed = table.words("sanctions", required=True)
    for name in listed:
        if name not in sanctions:
            table.must_be("sanctions", one_of(tuple(sanctions)), name)
    return listed


def lint_credit_terms(terms: CreditTerms, file: str = FILE) -> Iterator[Problem]:
    """What jurists must not be able to leave open: gaps, doubts, limits that nothing tries."""

    def fault(key: str, zh: str, en: str) -> Problem:
        return Problem("CREDIT-TERMS", Text(zh, en), file, None, key)

    for earlier, later in pairwise(terms.regimes):
        if later.from_day <= earlier.to_day:
            yield fault(later.id, f"与 {earlier.id} 的日期重叠", f"overlaps {earlier.id}")
    for regime in terms.regimes:
        named = [name for each in regime.classes for name in each.sanctions]
        for name in sorted({name for name in named if named.count(name) > 1}):
            yield fault(regime.id, f"{name} 归入了两个类别", f"{name} belongs to two classes")
        for name in sorted(terms.sanctions.keys() - set(named)):
            yield fault(regime.id, f"{name} 没有归类", f"{name} belongs to no class")
    if all(_is_sound(regime, terms.sanctions) for regime in terms.regimes):
        yield from _lint_scenarios(terms, fault)


def _is_sound(regime: Regime, sanctions: Collection[str]) -> bool:
    """Whether each sanction has exactly one class; on others nothing can be tried."""
    named = [name for each in regime.classes for name in each.sanctions]
    return sorted(named) == sorted(sanctions)


def _lint_scenarios(terms: CreditTerms, fault: Callable[..., Problem]) -> Iterator[Problem]:
    tried = set()
    for number, scenario in enumerate(terms.scenarios, 1):
        term = terms.term(scenario.on, scenario.sanctions)
        got = term and (
            term.class_.name, term.earliest_repair, term.last_day, term.class_.published
        )  # fmt: skip
        if term is not None:
            tried.add((term.regime.id, term.class_.name))
        if got != scenario.expected:
            said, wanted = shown(got), shown(scenario.expected)
            yield fault(
                f"scenarios[{number}]", f"应为 {wanted}，算得 {said}", f"{wanted}, not {said}"
            )
    days = {scenario.on for scenario in terms.scenarios}
    for regime in terms.regimes:
        for name in (each.name for each in regime.classes):
            if (regime.id, name) not in tried:
                yield fault(regime.id, f"类别 {name} 没有情形", f"no scenario of class {name}")
        for day in (regime.from_day - 1, regime.from_day):
            if day not in days:
                when = format_day(day)
                yield fault(regime.id, f"没有 {when} 的情形", f"no scenario of {when}")


def shown(outcome: tuple[str, Day, Day, bool] | None) -> str:
    """An outcome of a scenario on one line."""
    if outcome is None:
        return UNKNOWN
    name, repair, last, published = outcome
    return f"{name} {format_day(repair)}..{format_day(last)} {'+' if published else '-'}"
