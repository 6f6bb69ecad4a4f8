"""The plan of a month: whose an institution is, its group, visits owed, what its grade asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, date_of, iso_or_none
from feewatch.kernel.people import Scope
from feewatch.rounds.months import Assignment, owed
from feewatch.services.lists.grade_pages import NextCheck, list_grades
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.groups import GroupStanding, list_standings
from feewatch.store.rounds import assignments, visits


@dataclass(frozen=True, slots=True)
class PlannedPlace:
    """An institution in the plan of a month."""

    standing: GroupStanding  # its group, as of the month's last day or of today
    inspectors: tuple[str, ...]  # in charge on any day of the month
    substitutes: tuple[str, ...]
    made: int  # visits of the month, by whomever
    missing: int  # of the monthly ones; 0 where no inspector is in charge for the whole month
    grade: str | None  # the latest that was set
    check: NextCheck | None  # by its grade
    is_check_due: bool  # by the end of the month

    @property
    def is_anybodys(self) -> bool:
        """Whether somebody looks after it in the month."""
        return bool(self.inspectors or self.substitutes)


def list_plan(app: App, scope: Scope, first: Day, last: Day) -> list[PlannedPlace]:
    """The institutions of a scope in the month of these days: what is owed first."""
    wanted = rounds_scheme(app).visits_a_month
    with app.database.reading() as tx:
        standings = list_standings(app, tx, scope, min(last, today()))
        spans = assignments.list_spans(tx, scope, first, last)
        made = visits.count_by_month(tx, first, last)
    grades: dict[str, tuple[str, NextCheck | None]] = {}
    for row in list_grades(app, scope):
        if row.grade["set_grade"]:
            grades.setdefault(row.grade["uscc"], (row.grade["set_grade"], row.next_check))
    missing = {
        each.institution_id: each.wanted - each.made
        for each in owed(spans, made, first, last, wanted)
    }
    month = first - date_of(first).day + 1
    places = []
    for standing in standings:
        key = standing.institution_id
        grade, check = grades.get(standing.uscc, (None, None))
        places.append(
            PlannedPlace(
                standing,
                _names(spans, key, is_substitute=False),
                _names(spans, key, is_substitute=True),
                made[key, month],
                missing.get(key, 0),
                grade,
                check,
                check is not None and check.due <= last,
            )
        )
    return sorted(
        places,
        key=lambda each: (
            not each.missing, not each.is_check_due, not each.is_anybodys, each.standing.name,
            each.standing.uscc,
        ),
    )  # fmt: skip


def plan_json(place: PlannedPlace) -> dict[str, Any]:
    """An institution of the plan under stable keys."""
    check = place.check
    return {
        "uscc": place.standing.uscc,
        "institution": place.standing.name,
        "district": place.standing.district,
        "group": place.standing.group,
        "inspectors": [*place.inspectors],
        "substitutes": [*place.substitutes],
        "made": place.made,
        "missing": place.missing,
        "grade": place.grade,
        "check_every_days": check.days if check else None,
        "check_due": iso_or_none(check.due) if check else None,
        "is_check_due": place.is_check_due,
    }


def _names(spans: Iterable[Assignment], key: int, *, is_substitute: bool) -> tuple[str, ...]:
    found = {
        span.inspector
        for span in spans
        if (span.institution_id, span.is_substitute) == (key, is_substitute)
    }
    return tuple(sorted(found))
