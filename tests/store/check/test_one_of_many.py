"""What one institution is judged by is read of it alone, however many others the office has.

Counted are steps of SQLite's machine, which are the same in each run, and not time.
"""

from collections import defaultdict

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
#: Steps between two looks.
GRAIN = 50
#: The law of more districts is laid out where the office has them; the rest is the same.
MOST = 1.5


def steps_by_rule(folder, institutions):
    """The steps of each rule over one institution of so many, and of what a check asks besides."""
    app = initialise(Config(folder, Office(district="370702")))
    with app.database.transaction() as tx:
        size = Size.of_entries(100 * institutions, institutions)
        bulk.fill(tx, COLUMNS, list_schools(size, AS_OF - 1))
    match_changed(app)
    app.database.dispose()  # and open anew, as the next process does
    steps = defaultdict(int)
    book = rule_book(app)
    with app.database.reading() as tx:
        at = {"rule": ""}

        def count():
            steps[at["rule"]] += GRAIN

        connection = tx.connection.driver_connection
        connection.set_progress_handler(count, GRAIN)
        evaluation = Evaluation(tx, "sqlite", book, AS_OF, "370702", {7})
        for rule in book.rules.values():
            at["rule"] = rule.id
            with evaluation.of(rule) as outcomes:
                outcomes.count()
        at["rule"] = "whose word"
        proven.list_self_told(tx, {7})
        connection.set_progress_handler(None, 0)
    app.database.dispose()
    return steps


def test_no_rule_reads_the_office_for_one_institution(tmp_path):
    few, many = (steps_by_rule(tmp_path / str(n), n) for n in (FEW, MANY))
    assert sum(few.values()) > 20_000
    grown = {rule: (few[rule], many[rule]) for rule in many if many[rule] > MOST * few[rule] + 500}
    assert grown == {}
