"""A check of what changed keeps what a full check would find, day after day, without new data."""

from collections import Counter, defaultdict

import pytest
from sqlalchemy import select

from feewatch.engine.loader import load_scenarios
from feewatch.kernel.days import parse_day
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.trials.scenario_world import build, place
from feewatch.store.tables.checks import check_result

FIRST = parse_day("2026-07-24")
AS_OF = parse_day("2026-07-31")
#: Days on which fees ripen, windows move, statements go stale, months end.
DAYS = [*range(FIRST, FIRST + 22), *range(FIRST + 22, FIRST + 110, 4)]


@pytest.fixture
def world():
    """Of each rule the first scenarios that end with July, and all of the cover, day by day."""
    by_rule = load_scenarios()
    chosen = [each for rule in by_rule.values() for each in rule[:2] if each.as_of == AS_OF]
    chosen += [each for each in by_rule["BAL-COVER"][2:] if each.as_of == AS_OF]
    return place(chosen)


def kept(app):
    """(institution, rule) -> figures and reasons as incremental checks left them, if any."""
    columns = check_result.c
    query = select(
        columns.institution_id, columns.rule,
        columns.evaluated, columns.breaches, columns.undetermined, columns.reasons,
    )  # fmt: skip
    with app.database.reading() as tx:
        return {
            (row[0], row[1]): (*row[2:5], {why["reason"]["zh"]: why["subjects"] for why in row[5]})
            for row in tx.execute(query)
            if row[2]
        }


def found(app, day):
    """The same figures from judging everything anew."""
    figures: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    reasons: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for each in list_findings(app, day):
        key = each.institution_id or 0, each.identity.rule
        figures[key][each.outcome] += 1
        reasons[key] += Counter([each.reason.zh] if each.reason else [])
    return {
        key: (each.total(), each["breach"], each["undetermined"], reasons[key])
        for key, each in figures.items()
    }


def test_due_days_leave_no_outcome_behind(any_app, world, tmp_path):
    build(any_app, world, tmp_path / "world")
    is_quick = any_app.database.is_sqlite
    # longer steps leave the same outcomes behind, and judging anew is dear on the other database
    days = DAYS if is_quick else [*DAYS[::8], DAYS[-1]]
    checked = []
    for day in days:
        checked.append(run_check(any_app, day).institutions)
        assert kept(any_app) == found(any_app, day), day
    # the first check sees all, the others only those that are due
    assert checked[0] == len(world)
    assert run_check(any_app, DAYS[-1]).institutions == 0
    quiet = checked[30:]
    assert not is_quick or sum(quiet) < len(quiet) * len(world) / 4
