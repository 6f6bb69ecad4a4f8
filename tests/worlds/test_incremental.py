"""A check of what changed keeps what a full check would find, day after day, without new data."""

from collections import Counter

import pytest
from sqlalchemy import select
from worlds.builder import School, build
from worlds.test_boundaries import CASES
from worlds.test_late_cases import CASES as LATE_CASES

from feewatch.kernel.days import parse_day
from feewatch.services.checking import list_findings, run_check
from feewatch.store.tables.checks import check_result

FIRST = parse_day("2026-07-24")
#: Days on which fees ripen, windows move, statements go stale, months end.
DAYS = [*range(FIRST, FIRST + 22), *range(FIRST + 22, FIRST + 110, 4)]


def period_contract(school):
    """Its consumption is estimated day by day until it ends in the middle of the days checked."""
    school.contract(basis="period", lessons="", starts_on="2026-07-10", ends_on="2026-08-09")
    school.opening = "-400.00"


@pytest.fixture
def schools():
    made = []
    cases = [*CASES, *LATE_CASES, ("", "", period_contract, None)]
    for number, (_, _, change, _) in enumerate(cases, 1):
        school = School(number)
        change(school)
        made.append(school)
    return made


def kept(app):
    """(institution, rule) -> figures as the incremental checks left them, where any is not 0."""
    columns = check_result.c
    query = select(
        columns.institution_id, columns.rule,
        columns.evaluated, columns.breaches, columns.undetermined,
    )  # fmt: skip
    with app.database.reading() as tx:
        return {(row[0], row[1]): tuple(row[2:]) for row in tx.execute(query) if row[2]}


def found(app, day):
    """The same figures from judging everything anew."""
    figures: dict[tuple[int, str], Counter[str]] = {}
    for each in list_findings(app, day):
        figures.setdefault((each.institution_id or 0, each.identity.rule), Counter())[
            each.outcome
        ] += 1
    return {
        key: (each.total(), each["breach"], each["undetermined"]) for key, each in figures.items()
    }


def test_due_days_leave_no_outcome_behind(any_app, schools, tmp_path):
    build(any_app, schools, tmp_path / "world")
    checked = []
    for day in DAYS:
        checked.append(run_check(any_app, day).institutions)
        assert kept(any_app) == found(any_app, day), day
    # the first check sees all, the others only those that are due
    assert checked[0] == len(schools)
    assert run_check(any_app, DAYS[-1]).institutions == 0
    quiet = checked[30:]
    assert sum(quiet) < len(quiet) * len(schools) / 4
