"""The database counts what was just imported before rules are planned over it."""

import sqlite3
import time
from contextlib import closing

from offices import initialise
from sqlalchemy import event, insert, text

from feewatch.bench.large_world import COLUMNS, Size, list_schools
from feewatch.config import Config, Office
from feewatch.services.check.rulebook import shipped_book
from feewatch.services.intake.matching import match_changed
from feewatch.store import bulk, stock
from feewatch.store.stock import _LOOKED_SECONDS, COUNTED, has_grown, only_one
from feewatch.store.tables import metadata
from feewatch.store.tables.operations import quota_use
from feewatch.store.tables.registers import institution

ROWS_NOTED = text("SELECT reltuples FROM pg_class WHERE relname = 'institution'")


def test_a_table_that_grew_is_counted_and_one_that_did_not_is_not(postgres_app):
    database = postgres_app.database
    with database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": f"U{n}"} for n in range(1000)])
        tx.execute(text("SELECT pg_stat_force_next_flush()"))
    database.take_stock()
    with database.transaction() as tx:
        assert tx.scalar(ROWS_NOTED) == 1000
        tx.execute(insert(institution), [{"uscc": f"V{n}"} for n in range(60)])
        tx.execute(text("SELECT pg_stat_force_next_flush()"))
    database.take_stock()
    with database.reading() as tx:
        assert tx.scalar(ROWS_NOTED) == 1000


def test_rows_that_every_writer_changes_are_not_counted_with_each_file(postgres_app):
    """Whoever hands in a file would count them; two at once would wait for each other."""
    database = postgres_app.database
    with database.transaction() as tx:
        rows = [{"name": f"files:{n}", "day": 1, "used": 1} for n in range(1000)]
        tx.execute(insert(quota_use), rows)
        tx.execute(text("SELECT pg_stat_force_next_flush()"))
    database.take_stock()
    noted = text("SELECT reltuples FROM pg_class WHERE relname = 'quota_use'")
    with database.reading() as tx:
        assert tx.scalar(noted) < 1


def rows_noted(database, name):
    with database.reading() as tx:
        return tx.scalar(text(f"SELECT reltuples FROM pg_class WHERE relname = '{name}'"))


def test_who_hands_in_a_file_counts_what_has_grown_and_waits_for_nobody(postgres_app):
    database = postgres_app.database

    def add(rows, letter):
        with database.transaction() as tx:
            tx.execute(insert(institution), [{"uscc": f"{letter}{n}"} for n in range(rows)])
            tx.execute(text("SELECT pg_stat_force_next_flush()"))

    add(1000, "U")
    with database.engine.connect() as counting, only_one(counting, waits=True) as is_one:
        assert is_one
        database.take_stock(by_the_way=True)
        assert rows_noted(database, "institution") < 1
    database.take_stock(by_the_way=True)
    assert rows_noted(database, "institution") == 1000
    add(500, "V")
    database.take_stock(by_the_way=True)
    assert rows_noted(database, "institution") == 1000
    database.take_stock()
    assert rows_noted(database, "institution") == 1500
    add(6000, "W")
    database.take_stock(by_the_way=True)  # none was due a moment ago: it is not asked again
    assert rows_noted(database, "institution") == 1500
    time.sleep(_LOOKED_SECONDS)
    database.take_stock(by_the_way=True)
    assert rows_noted(database, "institution") == 7500


def test_who_counts_for_ever_holds_up_no_check_for_long(postgres_app, monkeypatch):
    """As a machine does that was switched off while it counted: the server learns of it later."""
    monkeypatch.setattr(stock, "BUSY_TIMEOUT_SECONDS", 0.1)
    database = postgres_app.database
    with database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": f"U{n}"} for n in range(1000)])
        tx.execute(text("SELECT pg_stat_force_next_flush()"))
    with database.engine.connect() as counting, only_one(counting, waits=False) as is_one:
        assert is_one
        database.take_stock()
        assert rows_noted(database, "institution") < 1
    database.take_stock()
    assert rows_noted(database, "institution") == 1000


def _plan(tx):
    return " ".join(str(row[3]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {ONE_SCHOOL}"))


#: What one institution was paid back: without counts SQLite reads what all were.
ONE_SCHOOL = """
    WITH held AS MATERIALIZED (SELECT 7 AS institution_id)
    SELECT m.contract_id, SUM(m.amount_fen) FROM held AS h
    JOIN match AS m ON m.institution_id = h.institution_id WHERE m.kind = 'refund' GROUP BY 1
"""


def test_sqlite_reads_one_institution_alone_once_its_tables_are_counted(tmp_path):
    app = initialise(Config(tmp_path, Office(district="370702")))
    database = app.database
    with database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(Size.of_entries(8_000, 40), 20664))
    match_changed(app)
    with database.reading() as kept_open:
        with database.reading() as other:
            assert other.scalar(text("SELECT COUNT(*) FROM match")) > 1000
        stats = kept_open.scalars(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'match'")).all()
    assert max(int(stat.split()[0]) for stat in stats) > 1000
    with database.reading() as tx:
        assert "SCAN m" not in _plan(tx)
    with database.reading() as tx:
        before = tx.scalar(text("SELECT COUNT(*) FROM sqlite_stat1"))
    database.take_stock()  # nothing grew
    with database.reading() as tx:
        assert tx.scalar(text("SELECT COUNT(*) FROM sqlite_stat1")) == before
    database.dispose()


def test_no_index_is_gone_through_for_each_institution_of_the_office(tmp_path):
    """As REL-SYNC did for one school of two thousand: a day was looked for in each of them."""
    app = initialise(Config(tmp_path, Office(district="370702")))
    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(Size.of_entries(8_000, 40), 20664))
    match_changed(app)
    look = "EXPLAIN QUERY PLAN SELECT SUM(amount_fen) FROM entry WHERE booked_on < 20000"
    with app.database.reading() as tx:
        assert "ANY(" not in " ".join(row[3] for row in tx.exec_driver_sql(look))
    with app.database.transaction() as tx:  # the plan that is meant is there without the word
        tx.exec_driver_sql("UPDATE sqlite_stat1 SET stat = REPLACE(stat, ' noskipscan', '')")
    app.database.dispose()
    with app.database.reading() as tx:
        assert "ANY(" in " ".join(row[3] for row in tx.exec_driver_sql(look))
    app.database.dispose()


def test_a_connection_that_is_open_reads_new_counts(tmp_path):
    app = initialise(Config(tmp_path, Office(district="370702")))
    database = app.database
    with database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(Size.of_entries(8_000, 40), 20664))
    raw = sqlite3.connect(app.config.var / "feewatch.db")
    schema = raw.execute("PRAGMA schema_version").fetchone()
    match_changed(app)
    assert raw.execute("PRAGMA schema_version").fetchone() > schema
    plan = raw.execute(f"EXPLAIN QUERY PLAN {ONE_SCHOOL}").fetchall()
    raw.close()
    assert "SCAN m" not in " ".join(row[3] for row in plan)
    database.dispose()


def test_rows_that_are_replaced_again_and_again_do_not_count_as_more(tmp_path):
    """Each daily statement replaces the range of its account: all was counted with every file."""
    app = initialise(Config(tmp_path, Office(district="370702")))
    app.database.dispose()
    with closing(sqlite3.connect(app.config.var / "feewatch.db")) as raw, raw:
        rows = [(10 * number, number, 1, "bank", 1, 2) for number in range(1, 201)]
        raw.executemany("INSERT INTO told_days VALUES (?, ?, ?, ?, ?, ?)", rows)
    app.database.take_stock()
    with app.database.reading() as tx:
        assert tx.scalar(text("SELECT MAX(id) > 4 * COUNT(*) FROM told_days"))
        looked_at, counted = {}, []
        event.listen(
            tx, "before_cursor_execute", lambda *told: counted.append("COUNT(*)" in told[2])
        )
        assert not has_grown(tx, looked_at)
        assert counted.count(True) == 1
        assert not has_grown(tx, looked_at)  # the next file reads no rows again
        assert counted.count(True) == 1
    app.database.dispose()


def test_what_the_rules_read_is_counted():
    book = shipped_book()
    read = {name for fact in book.facts.values() for name in fact.uses}
    assert read & {*metadata.tables} == COUNTED
