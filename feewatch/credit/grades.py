"""Points and grade of an institution, explained line by line from facts on record. Pure.

Every fact was decided by people or proven by banks or the office; this module only adds up.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.engine.grade_scheme import (
    PERIODS,
    POINT,
    GradeScenario,
    GradeScheme,
    Indicator,
    half_up,
)
from feewatch.kernel.days import Day, add_months, date_of, format_day, month_end, parse_day
from feewatch.kernel.text import Text

#: The way of a grade: nothing of a draft is told to anybody.
DRAFT, TOLD, PROPOSED, SET = "draft", "told", "proposed", "set"
STATUSES: dict[str, Text] = {
    DRAFT: Text("待告知", "draft"),
    TOLD: Text("已告知", "told"),
    PROPOSED: Text("待复核", "waits for a second person"),
    SET: Text("已评定", "set"),
}
#: What is shown where facts are missing: never a grade.
NOT_GRADED = Text("资料不全，未评定", "facts are missing: not graded")
_PARTS = {"year": "", "half_year": "H", "quarter": "Q"}
_PERIOD = re.compile(r"(\d{4})(?:([HQ])([1-4]))?", re.ASCII)


class GradePeriod(NamedTuple):
    """The days that a round of grading is about."""

    name: str  # 2025, 2025H1, 2025Q3
    first: Day
    last: Day


def period_named(kind: str, name: str) -> GradePeriod | None:
    """The period of a name, None where the name is none of this kind."""
    match = _PERIOD.fullmatch(name)
    if match is None or (match[2] or "") != _PARTS[kind] or not 2018 <= int(match[1]) <= 2099:
        return None
    months, number = PERIODS[kind], int(match[3] or 1)
    if number > 12 // months:
        return None
    year = parse_day(f"{match[1]}-01-01")
    assert year is not None
    first = add_months(year, months * (number - 1))
    return GradePeriod(name, first, month_end(add_months(first, months - 1)))


def last_period(kind: str, today: Day) -> GradePeriod:
    """The latest period that is over."""
    months, date = PERIODS[kind], date_of(today)
    number = (date.month - 1) // months
    year = date.year if number else date.year - 1
    number = number or 12 // months
    name = f"{year}{_PARTS[kind]}{number if _PARTS[kind] else ''}"
    period = period_named(kind, name)
    assert period is not None
    return period


def period_before(kind: str, period: GradePeriod) -> GradePeriod:
    """The period before one."""
    return last_period(kind, period.first)


@dataclass(frozen=True, slots=True)
class GradeFact:
    """Something decided or proven about an institution."""

    institution_id: int
    source: str
    key: str  # document, case, alert
    on: Day
    text: Text
    address: str  # the office's page of it
    marks: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class GradeLine:
    """What one fact does to the points; all points in hundredths."""

    indicator: str
    title: Text
    key: str
    fact: Text
    address: str
    on: Day
    points: int  # of the indicator
    percent: int  # after decay
    counted: int  # after decay and cap
    is_capped: bool


@dataclass(frozen=True, slots=True)
class GradeSheet:
    """Points and grade with all that led to them; the grade is empty where facts are missing."""

    points: int
    grade: str
    by_points: str  # what the points alone give
    lines: tuple[GradeLine, ...]
    missing: tuple[Text, ...] = ()

    def lines_json(self) -> list[dict[str, Any]]:
        """The lines under stable keys."""
        return [
            {
                "indicator": line.indicator,
                "title": line.title._asdict(),
                "key": line.key,
                "fact": line.fact._asdict(),
                "address": line.address,
                "on": format_day(line.on),
                "points": format_points(line.points),
                "percent": line.percent,
                "counted": format_points(line.counted),
                "capped": line.is_capped,
            }
            for line in self.lines
        ]


def score(
    scheme: GradeScheme, facts: Iterable[GradeFact], last: Day, missing: Sequence[Text] = ()
) -> GradeSheet:
    """The sheet of an institution at the last day of a period.

    A fact counts in the first indicator that takes it. ``missing``: what is not on file; where
    there is any, no grade follows from the points.
    """
    by_indicator: dict[str, list[GradeFact]] = {}
    for fact in sorted(facts, key=lambda each: (each.on, each.source, each.key)):
        indicator = _taking(scheme, fact)
        if indicator is not None and indicator.is_within(fact.on, last):
            by_indicator.setdefault(indicator.id, []).append(fact)
    lines = [
        line
        for indicator in scheme.indicators
        for line in _lines(indicator, by_indicator.get(indicator.id, ()), last)
    ]
    points = max(scheme.base + sum(line.counted for line in lines), scheme.least)
    by_points = grade = scheme.grade_of(points)
    for indicator in scheme.indicators:
        if indicator.grade_at_most and indicator.id in by_indicator:
            grade = scheme.worse(grade, indicator.grade_at_most)
    return GradeSheet(points, "" if missing else grade, by_points, tuple(lines), tuple(missing))


def _taking(scheme: GradeScheme, fact: GradeFact) -> Indicator | None:
    return next((each for each in scheme.indicators if _takes(each, fact)), None)


def _takes(indicator: Indicator, fact: GradeFact) -> bool:
    return indicator.source == fact.source and all(
        fact.marks.get(kind, frozenset()) & wanted for kind, wanted in indicator.marks
    )


def _lines(indicator: Indicator, facts: Sequence[GradeFact], last: Day) -> Iterable[GradeLine]:
    """The lines of an indicator, the earliest fact first; beyond the cap they count nothing."""
    left = indicator.cap
    for fact in facts:
        percent = indicator.percent(fact.on, last)
        decayed = half_up(indicator.points * percent)
        counted = max(decayed, -left)
        left += counted
        yield GradeLine(
            indicator.id, indicator.title, fact.key, fact.text, fact.address, fact.on,
            indicator.points, percent, counted, counted != decayed,
        )  # fmt: skip


def try_scenario(scheme: GradeScheme, scenario: GradeScenario) -> GradeSheet:
    """What a scheme makes of the facts of a scenario."""
    of = {indicator.id: indicator for indicator in scheme.indicators}
    facts = [
        GradeFact(
            0,
            of[fact.indicator].source,
            f"{n}/{time}",
            fact.on,
            Text("情形", "scenario"),
            "",
            dict(of[fact.indicator].marks),
        )
        for n, fact in enumerate(scenario.facts)
        for time in range(fact.times)
    ]
    return score(scheme, facts, scenario.on)


def format_points(points: int) -> str:
    """Points as a person writes them: ``92.5``, ``-5``."""
    sign = "-" if points < 0 else ""
    whole, rest = divmod(abs(points), POINT)
    return f"{sign}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")
