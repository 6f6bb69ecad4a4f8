"""The facts say the same in DuckDB as in the database of the office."""

import duckdb
import pyarrow
from offices import initialise
from worlds.test_example_world import AS_OF, WORLD, import_all

from feewatch.config import Config, Office
from feewatch.services.check.checking import run_check
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.recording import ingest
from feewatch.store.check import checks
from feewatch.store.check.columnar import Columnar

COMPARED = (
    "institution_id", "subject_id", "on_day", "outcome", "measured", "measured_over",
    "limit_value", "limit_value_over", "severity", "reason", "amount_fen",
)  # fmt: skip


def judged(evaluation, rule):
    """Every subject of a rule with what was found of it."""
    with evaluation.of(rule) as outcomes:
        return sorted(repr([row[name] for name in COMPARED]) for row in outcomes.rows())


def test_every_rule_judges_every_subject_alike_in_duckdb(tmp_path):
    app = initialise(Config(tmp_path, Office(district="370702")))
    import_all(app)
    list(ingest(app, [WORLD / "statements"], actor="test"))
    run_check(app, AS_OF)
    book = rule_book(app)
    columnar = Columnar(duckdb, pyarrow, threads=1)
    with app.database.reading() as tx:
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        columnar.copy(tx, {name for fact in book.facts.values() for name in fact.uses})
        here = Evaluation(tx, app.database.dialect, book, AS_OF, "370702", everyone)
        there = Evaluation(tx, columnar.dialect, book, AS_OF, "370702", everyone, columnar)
        subjects = 0
        for rule in book.rules.values():
            found = judged(here, rule)
            assert judged(there, rule) == found, rule.id
            subjects += len(found)
    columnar.close()
    app.database.dispose()
    assert subjects > 1000
