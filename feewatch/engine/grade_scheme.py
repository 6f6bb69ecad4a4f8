"""Schemes of 信用评价 as data: read strictly from ``credit.toml`` and ``credit/*.toml``.

A scheme says which decided or proven facts give how many points, for how long, at most how many,
and what follows from a grade. It never says what an institution did: that is on record.
"""

import hashlib
import math
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.engine.credit_terms import CLASSES
from feewatch.engine.findings import SEVERITIES
from feewatch.engine.sources import NOTHING_SAID, LawReference, take_reference
from feewatch.kernel.days import FIRST_DAY, Day, add_months, months_between
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, one_of, parse_toml

#: The scheme that stands beside the folders of a rule book; others lie in the folder ``credit``.
FILE, FOLDER = "credit.toml", "credit"
#: Points are held in hundredths.
POINT = 100
#: The facts that may give points: decided by people, or proven by banks or the office.
SOURCES: dict[str, Text] = {
    "decision": Text("生效决定", "decision in force"),
    "case": Text("责令整改后销号的案件", "case closed after an order to rectify"),
    "case_overdue": Text("逾期整改的案件", "case answered late"),
    "case_reopened": Text("重新整改的案件", "case reopened"),
    "finding": Text("已查实的认定", "proven finding of law"),
}
#: What narrows a source: the key in the file, and the mark of the fact it asks for.
_NARROWED: dict[str, tuple[str, ...]] = {
    "decision": ("lists", "classes", "sanctions"),
    "case": ("severities", "rules"),
    "case_overdue": ("severities", "rules"),
    "case_reopened": ("severities", "rules"),
    "finding": ("severities", "rules"),
}
LISTS = ("black", "credit_black", "notice")
_ALLOWED: dict[str, tuple[str, ...]] = {
    "lists": LISTS, "classes": CLASSES, "severities": SEVERITIES,
}  # fmt: skip
PERIODS = {"year": 12, "half_year": 6, "quarter": 3}
#: What of an example may stand in the document that it cites.
QUOTABLE = ("base", "grades", "checks", "indicators", "red")
_HUNDREDTHS = Text("至多两位小数的数字", "a number of at most two decimals")
_OF_INDICATOR = "indicator"


class DecayStep(NamedTuple):
    """From so many whole months on a fact counts for so many per cent."""

    months: int
    percent: int


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of a scheme; points and cap in hundredths, negative where they are taken off."""

    id: str
    title: Text
    source: str
    marks: tuple[tuple[str, frozenset[str]], ...]  # what the fact must bear, by kind of mark
    points: int
    cap: int  # the most it may come to in all, without its sign
    window_months: int
    decay: tuple[DecayStep, ...]
    grade_at_most: str  # empty: the points alone decide

    def is_within(self, on: Day, last: Day) -> bool:
        """Whether a fact of a day counts at all at the last day of a period."""
        return on <= last and months_between(on, last) < self.window_months

    def percent(self, on: Day, last: Day) -> int:
        """For how much of its points a fact of a day counts."""
        age = months_between(on, last)
        return next((step.percent for step in reversed(self.decay) if step.months <= age), 100)

    def first_day(self, last: Day) -> Day:
        """The first day of the window at the last day of a period."""
        day = add_months(last, -self.window_months)
        while not self.is_within(day, last):
            day += 1
        return day


@dataclass(frozen=True, slots=True)
class GradeLevel:
    """A grade, the points from which it is given, and how often it asks for a check on site."""

    grade: str
    title: Text
    least: int | None  # hundredths; None: what is left
    checks_days: int


@dataclass(frozen=True, slots=True)
class RedConditions:
    """When a grade may put a name on ``credit_red``."""

    grades: tuple[str, ...]
    periods: int  # graded so, so many periods on end
    clear_months: int  # without any decision dated in so many months
    white: bool  # stands on the white list
    valid_months: int  # how long a grade counts after its period


class ScenarioFact(NamedTuple):
    """A fact of a scenario."""

    indicator: str
    on: Day
    times: int


@dataclass(frozen=True, slots=True)
class GradeScenario:
    """Facts up to the last day of a period, and what a scheme must make of them."""

    number: int
    title: str
    on: Day
    facts: tuple[ScenarioFact, ...]
    points: int
    grade: str


@dataclass(frozen=True)
class GradeScheme:
    """A whole scheme."""

    id: str
    file: str
    hash: str  # the first 12 digits of the hash of its file
    title: Text
    note: Text
    example: bool
    document: str
    version: str
    reference: LawReference | None  # the article on file from which ``quoted`` was taken
    quoted: tuple[str, ...]
    period: str
    subjects: tuple[str, ...]  # subjects of institutions that it grades; empty: all
    base: int
    least: int
    least_covered: int  # per cent of days with statements of bank or office, else no grade
    publishes_grades: bool
    grades: tuple[GradeLevel, ...]  # the best first
    indicators: tuple[Indicator, ...]
    red: RedConditions | None
    scenarios: tuple[GradeScenario, ...]

    def level(self, grade: str) -> GradeLevel | None:
        """A grade by its name."""
        return next((level for level in self.grades if level.grade == grade), None)

    def grade_of(self, points: int) -> str:
        """The grade of so many points."""
        return next(
            level.grade for level in self.grades if level.least is None or points >= level.least
        )

    def worse(self, grade: str, other: str) -> str:
        """The worse of two grades."""
        names = [level.grade for level in self.grades]
        return max(grade, other, key=names.index)

    def leads_to_list(self, grade: str) -> bool:
        """Whether a grade is one of those that may put a name on ``credit_red``."""
        return self.red is not None and grade in self.red.grades

    @property
    def step(self) -> int:
        """The finest difference in points that facts can make."""
        values = [
            abs(half_up(indicator.points * percent))
            for indicator in self.indicators
            for percent in (100, *(step.percent for step in indicator.decay))
        ]
        return math.gcd(*values) or POINT


def half_up(percents: int) -> int:
    """Hundredths of points from hundredths times per cent, half away from zero."""
    whole = (abs(percents) + 50) // 100
    return whole if percents >= 0 else -whole


def read_scheme(
    content: bytes, path: str, faults: list[Problem], *, is_named: bool = True
) -> GradeScheme | None:
    """The scheme of a file; None where it has faults, which are collected.

    ``is_named``: it lies in a rule book, where files are named after what they hold.
    """
    values = parse_toml(content, path, faults)
    if values is None:
        return None
    before = len(faults)
    scheme = _scheme(values, path, hashlib.sha256(content).hexdigest()[:12], faults)
    if is_named and path != FILE and Path(path).stem != scheme.id:
        wrong = Text("文件名须与 id 一致", "the file must be named after the id")
        faults.append(Problem("KEY-VALUE", wrong, path, None, "id"))
    return scheme if len(faults) == before else None


def _scheme(values: dict[str, Any], path: str, digest: str, faults: list[Problem]) -> GradeScheme:
    table = Table(values, path, faults)
    scheme = GradeScheme(
        id=table.filled("id"),
        file=path,
        hash=digest,
        title=table.bilingual("title"),
        note=table.bilingual("note"),
        example=table.flag("example"),
        document=table.filled("document"),
        version=table.filled("version"),
        reference=_reference(table),
        quoted=_words(table, "quoted", QUOTABLE),
        period=table.choice("period", tuple(PERIODS)),
        subjects=table.words("subjects"),
        base=_points(table, "base"),
        least=_points(table, "least"),
        least_covered=_whole(table, "least_covered", range(101)),
        publishes_grades=table.flag("publishes_grades"),
        grades=tuple(_level(each) for each in table.tables("grades")),
        indicators=tuple(_indicator(each) for each in table.tables("indicators")),
        red=_red(table.table("red")) if table.has("red") else None,
        scenarios=tuple(_scenario(each, n) for n, each in enumerate(table.tables("scenarios"), 1)),
    )
    table.end()
    return scheme


def _reference(table: Table) -> LawReference | None:
    source = table.maybe("source")
    if source is None:
        return None
    return take_reference(table, source)._replace(reason=NOTHING_SAID)


def _level(table: Table) -> GradeLevel:
    level = GradeLevel(
        table.filled("grade"),
        table.bilingual("title"),
        _points(table, "from") if table.has("from") else None,
        _whole(table, "checks_days", range(1, 1000)),
    )
    table.end()
    return level


def _indicator(table: Table) -> Indicator:
    name, title = table.filled("id"), table.bilingual("title")
    source = table.choice("source", tuple(SOURCES))
    marks = [
        (key, frozenset(_words(table, key, _ALLOWED.get(key, ()))))
        for key in _NARROWED[source]
        if table.has(key)
    ]
    indicator = Indicator(
        name,
        title,
        source,
        tuple(marks),
        _points(table, "points"),
        _points(table, "cap"),
        _whole(table, "window_months", range(1, 121)),
        tuple(_step(each) for each in table.tables("decay", required=False)),
        table.text("grade_at_most", required=False),
    )
    table.end()
    return indicator


def _step(table: Table) -> DecayStep:
    step = DecayStep(_whole(table, "months", range(1, 121)), _whole(table, "percent", range(100)))
    table.end()
    return step


def _red(table: Table) -> RedConditions:
    red = RedConditions(
        table.words("grades", required=True),
        _whole(table, "periods", range(1, 11)),
        _whole(table, "clear_months", range(121)),
        table.flag("white"),
        _whole(table, "valid_months", range(1, 61)),
    )
    table.end()
    return red


def _scenario(table: Table, number: int) -> GradeScenario:
    scenario = GradeScenario(
        number,
        table.filled("title"),
        table.day("on", FIRST_DAY),
        tuple(_fact(each) for each in table.tables("facts", required=False)),
        _points(table, "points"),
        table.filled("grade"),
    )
    table.end()
    return scenario


def _fact(table: Table) -> ScenarioFact:
    times = _whole(table, "times", range(1, 1000)) if table.has("times") else 1
    fact = ScenarioFact(table.filled(_OF_INDICATOR), table.day("on", FIRST_DAY), times)
    table.end()
    return fact


def _points(table: Table, key: str) -> int:
    """A number of points in hundredths."""
    value = table.number(key)
    hundredths = (value or Decimal(0)) * POINT
    if hundredths != int(hundredths) or abs(hundredths) > 10**9:
        table.must_be(key, _HUNDREDTHS, value)
        return 0
    return int(hundredths)


def _whole(table: Table, key: str, allowed: range) -> int:
    value = table.whole(key)
    if value is not None and value not in allowed:
        first, last = allowed.start, allowed.stop - 1
        wanted = Text(f"{first} 至 {last} 的整数", f"a whole number from {first} to {last}")
        table.must_be(key, wanted, value)
    return allowed.start if value is None or value not in allowed else value


def _words(table: Table, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words, of those allowed where there are any."""
    words = table.words(key)
    for word in words:
        if allowed and word not in allowed:
            table.must_be(key, one_of(allowed), word)
    return words
