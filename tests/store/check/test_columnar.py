"""The facts say the same in DuckDB as in the database of the office, of the same moment."""

import subprocess
import sys
from contextlib import ExitStack, closing

import duckdb
import pyarrow
import pytest
from sqlalchemy import func, insert, literal_column, select, update
from worlds.builder import School, build
from worlds.test_example_world import AS_OF, WORLD, import_all

from feewatch.kernel.errors import MachineError
from feewatch.services.check.checking import run_check
from feewatch.services.check.columns import words_read
from feewatch.services.check.exporting import tables_read
from feewatch.services.check.judgement import judge
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.recording import ingest
from feewatch.store.check import checks
from feewatch.store.check.arrow import is_read, schema_of
from feewatch.store.check.column_view import viewing_columns
from feewatch.store.check.columnar import Columnar
from feewatch.store.state import mark_to_check
from feewatch.store.tables import metadata
from feewatch.store.tables.ledger import entry
from feewatch.store.tables.registers import institution

COMPARED = (
    "institution_id", "subject_id", "on_day", "outcome", "measured", "measured_over",
    "limit_value", "limit_value_over", "severity", "reason", "amount_fen",
)  # fmt: skip


def judged(evaluation, rule):
    """Every subject of a rule with what was found of it."""
    with evaluation.of(rule) as outcomes:
        return sorted(repr([row[name] for name in COMPARED]) for row in outcomes.rows())


def new_columnar():
    return closing(Columnar(duckdb, pyarrow, threads=1))


@pytest.fixture
def office(any_app):
    """The example world, checked once."""
    import_all(any_app)
    list(ingest(any_app, [WORLD / "statements"], actor="test"))
    run_check(any_app, AS_OF)
    return any_app


def test_every_rule_judges_every_subject_alike_in_duckdb_and_writes_the_same(office):
    book = rule_book(office)
    with office.database.transaction() as tx:
        mark_to_check(tx, {*checks.list_institutions(tx), checks.OFFICE}, by_all_rules=True)
    with new_columnar() as columnar, viewing_columns(office.database) as view:
        tx = view.tx
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        columnar.copy(view, words_read(book), everyone)
        here = Evaluation(tx, office.database.dialect, book, AS_OF, "370702", everyone)
        there = Evaluation(tx, columnar.dialect, book, AS_OF, "370702", everyone, columnar)
        subjects = 0
        for rule in book.rules.values():
            found = judged(here, rule)
            assert judged(there, rule) == found, rule.id
            subjects += len(found)
        assert subjects > 1000
        both = [
            judge(office, tx, book, AS_OF, frozenset(everyone), columnar=engine)
            for engine in (None, columnar)
        ]
    of_database, of_columns = (standing(each) for each in both)
    assert of_database == of_columns
    assert of_database["breaches"]
    assert of_database["present"]
    assert of_database["rules"] >= {*book.rules}


def standing(judgement):
    """All that is written of a judgement, lists that have no order sorted."""
    told = dict(vars(judgement))
    for name in ("breaches", "counts"):
        told[name] = {key: sorted(map(repr, each)) for key, each in told[name].items()}
    return told


def test_a_copy_holds_every_row_of_every_table_that_rules_read(any_app, tmp_path):
    """Texts, truths, numbers and what is empty, whatever the first rows hold."""
    schools = [School(number) for number in (1, 2)]
    for school in schools:
        for fee in ("300.00", "400.00", "500.00"):
            school.contract(fee=fee)
    build(any_app, schools, tmp_path / "world")
    awkward = 'A "quoted", 逗号\n\\N %s {} \u3000'
    with any_app.database.transaction() as tx:
        tx.execute(update(entry).values(memo=None, amount_fen=2**62 - 1))
        last = select(func.max(entry.c.id)).scalar_subquery()
        tx.execute(update(entry).where(entry.c.id == last).values(memo=awkward, reference=""))
    names = tables_read(rule_book(any_app))
    with new_columnar() as columnar, viewing_columns(any_app.database) as view:
        rows = columnar.copy(view, {name: metadata.tables[name].columns.keys() for name in names})
        for name in names:
            table = metadata.tables[name]
            read = [column for column in table.columns if is_read(column)]
            here = sorted(repr(tuple(row)) for row in view.tx.execute(select(*read)))
            listed = ", ".join(column.name for column in read)
            there = columnar.rows(f"SELECT {listed} FROM {name}")
            assert sorted(repr(tuple(row.values())) for row in there) == here, name
            rows -= len(here)
        assert rows == 0
        memos = columnar.rows("SELECT DISTINCT memo FROM entry WHERE memo IS NOT NULL")
        assert memos == [{"memo": awkward}]
        few = checks.find_institution(view.tx, schools[0].uscc)
    with new_columnar() as columnar, viewing_columns(any_app.database) as view:
        columnar.copy(view, words_read(rule_book(any_app)), {few})
        assert columnar.rows("SELECT DISTINCT institution_id AS id FROM entry") == [{"id": few}]
        assert len(columnar.rows("SELECT * FROM institution")) == 2


def test_what_is_committed_meanwhile_is_in_neither_or_both(any_app):
    read = select(institution.c.id, institution.c.uscc)
    schema = schema_of(pyarrow, institution.columns)
    for known in (0, 1):
        with viewing_columns(any_app.database) as view:
            with any_app.database.transaction() as tx:
                tx.execute(insert(institution).values(id=known + 1, uscc=f"9137070{known}"))
            assert view.read(read, schema).read_all().num_rows == known
            assert len(view.tx.execute(read).all()) == known


def test_a_copy_takes_no_lock_of_a_writer_at_work_away(any_app):
    """Two copies of SQLite in one process would: the reader is a process of its own."""
    if not any_app.database.is_sqlite:
        pytest.skip("PostgreSQL keeps locks in its server")
    file = any_app.database.url.database
    other = (
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    )
    with ExitStack() as opened:
        opened.enter_context(viewing_columns(any_app.database))
        with any_app.database.transaction() as tx:
            tx.execute(insert(institution).values(id=1, uscc="91370702"))
            opened.close()
            told = subprocess.run([sys.executable, "-c", other, file], capture_output=True)
            assert b"database is locked" in told.stderr


def test_a_reader_that_comes_to_grief_says_why(any_app):
    schema = pyarrow.schema([("n", pyarrow.int64())])
    with (
        pytest.raises(MachineError, match="no_such_column") as refused,
        viewing_columns(any_app.database) as view,
    ):
        view.read(select(literal_column("no_such_column").label("n")), schema)
    assert refused.value.code == "COLUMNS-READ"
