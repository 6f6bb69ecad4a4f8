"""What one institution is judged by is read of it alone, however many others the office has.

Counted are steps of SQLite's machine, which are the same in each run, and not time.
"""

from collections import defaultdict

import pytest
from offices import initialise

from feewatch.bench.large_world import COLUMNS, Size, list_schools
from feewatch.config import Config, Office
from feewatch.kernel.days import parse_day
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store import bulk
from feewatch.store.check import proven

AS_OF = parse_day("2026-07-31")
FEW, MANY = 30, 240
#: A school like others, one without contracts, and one of whose accounts no statement tells yet.
SCHOOL, BARE, UNTOLD = 7, 8, 9
#: Steps between two looks.
GRAIN = 50
#: The law of more districts is laid out where the office has them; the rest is the same.
MOST = 1.5


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    """An office of a few institutions and one of many, opened anew as the next process does."""
    opened = [office_of(tmp_path_factory.mktemp("office"), each) for each in (FEW, MANY)]
    yield opened
    for app in opened:
        app.database.dispose()


def office_of(folder, institutions):
    app = initialise(Config(folder, Office(district="370702")))
    with app.database.transaction() as tx:
        size = Size.of_entries(100 * institutions, institutions)
        bulk.fill(tx, COLUMNS, list_schools(size, AS_OF - 1))
        for table in ("lesson", "refund_request", "contract"):
            tx.exec_driver_sql(f"DELETE FROM {table} WHERE institution_id = {BARE}")
        tx.exec_driver_sql(f"DELETE FROM account_coverage WHERE institution_id = {UNTOLD}")
    match_changed(app)
    app.database.dispose()
    return app


def steps_by_rule(app, institution):
    """The steps of each rule over one institution, and of what a check asks besides."""
    steps = defaultdict(int)
    book = rule_book(app)
    with app.database.reading() as tx:
        at = {"rule": ""}

        def count():
            steps[at["rule"]] += GRAIN

        connection = tx.connection.driver_connection
        connection.set_progress_handler(count, GRAIN)
        evaluation = Evaluation(tx, "sqlite", book, AS_OF, "370702", {institution})
        for rule in book.rules.values():
            at["rule"] = rule.id
            with evaluation.of(rule) as outcomes:
                outcomes.count()
        at["rule"] = "whose word"
        proven.list_self_told(tx, {institution})
        connection.set_progress_handler(None, 0)
    return steps


@pytest.mark.parametrize("institution", [SCHOOL, BARE, UNTOLD])
def test_no_rule_reads_the_office_for_one_institution(offices, institution):
    """As REL-SYNC did for who has no contracts: of facts without rows no planner knows that."""
    few, many = (steps_by_rule(app, institution) for app in offices)
    assert sum(few.values()) > 10_000
    grown = {rule: (few[rule], many[rule]) for rule in many if many[rule] > MOST * few[rule] + 500}
    assert grown == {}
