"""Runs the scenarios of the schemes of 信用评价 and tells what came out otherwise."""

from collections.abc import Collection
from typing import NamedTuple

from feewatch.credit.grades import format_points, try_scenario
from feewatch.engine.book import RuleBook
from feewatch.engine.grade_scheme import GradeScenario, GradeScheme
from feewatch.kernel.text import Text


class GradeResult(NamedTuple):
    """A scenario of a scheme, and what came out otherwise; None: it passed."""

    scheme: GradeScheme
    scenario: GradeScenario
    wrong: Text | None


def run_grade_scenarios(book: RuleBook, wanted: Collection[str] = ()) -> list[GradeResult]:
    """The scenarios of the schemes wanted, or of all."""
    return [
        GradeResult(scheme, scenario, _compare(scheme, scenario))
        for scheme in book.grade_schemes.values()
        if not wanted or scheme.id in wanted
        for scenario in scheme.scenarios
    ]


def _compare(scheme: GradeScheme, scenario: GradeScenario) -> Text | None:
    sheet = try_scenario(scheme, scenario)
    if (sheet.points, sheet.grade) == (scenario.points, scenario.grade):
        return None
    got = f"{format_points(sheet.points)} {sheet.grade}"
    expected = f"{format_points(scenario.points)} {scenario.grade}"
    return Text(f"应为 {expected}，算得 {got}", f"should be {expected}, came out {got}")
