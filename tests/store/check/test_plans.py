"""No rule reads a whole table again for each row of another: the plans of SQLite say so.

Such a step is fast in every small test and takes hours in an office: its time grows with the square
of the data. SQLite tells each step of a statement; one that is repeated must go by an index.
"""

import re
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
from feewatch.store.check import checks
from feewatch.store.check.engines import OnConnection

AS_OF = parse_day("2026-07-31")
#: As many rows whatever the size of the office: the seven days of a window.
FEW = {"step"}


class Explaining(OnConnection):
    """The database, which notes each repeated step that reads a whole table."""

    def __init__(self, tx):
        super().__init__(tx)
        self.whole = []

    def run(self, sql):
        made = re.match(r"CREATE TEMPORARY TABLE (\w+) AS (.*)", sql, re.DOTALL)
        if made:
            self.whole += [f"{made[1]}: {step}" for step in self._repeated(made[2])]
        super().run(sql)

    def rows(self, sql):
        self.whole += self._repeated(sql)
        return super().rows(sql)

    def _repeated(self, sql):
        steps = defaultdict(list)
        for number, parent, _, step in self._tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"):
            steps[parent].append((number, step))
        return [*whole_reads(steps, 0, is_repeated=False)]


def whole_reads(steps, parent, *, is_repeated):
    """The steps that read a table from end to end for each row of another one.

    The steps of one SELECT are loops within each other; a part that is materialised is made once.
    """
    inside = is_repeated
    for number, step in steps[parent]:
        verb, _, rest = step.partition(" ")
        if verb in ("SCAN", "SEARCH"):
            if inside and " USING " not in rest and not is_small(rest):
                yield step
            inside = True
        once = verb in ("MATERIALIZE", "CO-ROUTINE")
        within = not once and (is_repeated or step.startswith("CORRELATED"))
        yield from whole_reads(steps, number, is_repeated=within)


def is_small(table):
    return table == "CONSTANT ROW" or table.split()[0] in FEW


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    app = initialise(Config(tmp_path_factory.mktemp("office"), Office(district="370702")))
    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(Size.of_entries(2000, 20), AS_OF - 1))
    match_changed(app)
    yield app
    app.database.dispose()


def test_no_rule_reads_a_whole_table_for_each_row_of_another(office):
    book = rule_book(office)
    with office.database.reading() as tx:
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        engine = Explaining(tx)
        evaluation = Evaluation(tx, "sqlite", book, AS_OF, "370702", everyone, engine)
        for rule in book.rules.values():
            with evaluation.of(rule) as outcomes:
                outcomes.count()
                outcomes.breaches()
            assert engine.whole == [], rule.id


def test_a_look_up_without_index_is_seen(office):
    with office.database.reading() as tx:
        engine = Explaining(tx)
        engine.run("CREATE TEMPORARY TABLE bare AS SELECT id, student FROM contract")
        engine.rows(
            "SELECT (SELECT MAX(b.id) FROM bare AS b WHERE b.student = c.student) "
            "FROM contract AS c"
        )
        assert [step.split()[1] for step in engine.whole] == ["b"]
        engine.rows("SELECT (SELECT b.student FROM contract AS b WHERE b.id = c.id) FROM bare AS c")
        assert len(engine.whole) == 1
