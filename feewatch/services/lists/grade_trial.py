"""A scheme tried before it is put into force: who would change grade, how many, and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.credit.grades import GradePeriod, GradeSheet, format_points
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.services.lists.grading import (
    GradedInstitution,
    find_period,
    gather_sheets,
    scheme_in_force,
)


@dataclass(frozen=True, slots=True)
class GradeChange:
    """An institution whose grade another scheme would change; None: it would not grade it."""

    uscc: str
    name: str
    district: str
    before: GradeSheet | None
    after: GradeSheet | None

    @property
    def why(self) -> list[tuple[str, str, int, int]]:
        """Indicators that count otherwise: id, title, points before and after (hundredths)."""
        sums: dict[str, list[int]] = {}
        titles: dict[str, str] = {}
        for side, sheet in enumerate((self.before, self.after)):
            for line in sheet.lines if sheet else ():
                sums.setdefault(line.indicator, [0, 0])[side] += line.counted
                titles[line.indicator] = line.title.both()
        return [(key, titles[key], *pair) for key, pair in sums.items() if pair[0] != pair[1]]  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class GradeTrial:
    """Two schemes on the same facts of a period."""

    period: GradePeriod
    schemes: tuple[GradeScheme, GradeScheme]
    institutions: int
    counts: tuple[Mapping[str, int], Mapping[str, int]]  # by grade; empty: facts are missing
    changes: list[GradeChange]


def compare_schemes(
    app: App, other: GradeScheme, name: str | None = None, *, scope: Scope
) -> GradeTrial:
    """What another scheme would change against the one in force; nothing is kept.

    Raises: InvalidInputError where their periods differ.
    """
    present = scheme_in_force(app)
    if present.period != other.period:
        raise InvalidInputError(
            "PERIOD",
            f"两个方案的评价期不同：{present.period}、{other.period}",
            f"the schemes grade by different periods: {present.period}, {other.period}",
        )
    period = find_period(present, name)
    before, after = (
        {each.standing.uscc: each for each in graded if _sees(scope, each)}
        for graded in gather_sheets(app, [present, other], period)
    )
    changes = [
        _change(before.get(uscc), after.get(uscc)) for uscc in sorted(before.keys() | after.keys())
    ]
    return GradeTrial(
        period,
        (present, other),
        len(before.keys() | after.keys()),
        (_count(before), _count(after)),
        [each for each in changes if _grade(each.before) != _grade(each.after)],
    )


def _sees(scope: Scope, graded: GradedInstitution) -> bool:
    return scope.sees(graded.standing.district, graded.standing.institution_id)


def _change(before: GradedInstitution | None, after: GradedInstitution | None) -> GradeChange:
    known = before or after
    assert known is not None
    return GradeChange(
        known.standing.uscc,
        known.standing.name,
        known.standing.district,
        before.sheet if before else None,
        after.sheet if after else None,
    )


def _grade(sheet: GradeSheet | None) -> str | None:
    return None if sheet is None else sheet.grade


def _count(graded: Mapping[str, GradedInstitution]) -> Mapping[str, int]:
    return Counter(each.sheet.grade for each in graded.values())


def trial_json(trial: GradeTrial) -> dict[str, Any]:
    """The comparison under stable keys."""
    present, other = trial.schemes
    return {
        "period": trial.period.name,
        "schemes": [present.id, other.id],
        "institutions": trial.institutions,
        "counts": [dict(sorted(count.items())) for count in trial.counts],
        "changed": len(trial.changes),
        "changes": [
            {
                "uscc": change.uscc,
                "name": change.name,
                "district": change.district,
                "grades": [_grade(change.before), _grade(change.after)],
                "points": [
                    sheet and format_points(sheet.points) for sheet in (change.before, change.after)
                ],
                "why": [
                    {"indicator": key, "title": title,
                     "points": [format_points(first), format_points(second)]}
                    for key, title, first, second in change.why
                ],
            }
            for change in trial.changes
        ],
    }  # fmt: skip
