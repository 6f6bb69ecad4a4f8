"""A database that an earlier version filled comes up with the new tables; its alerts stay.

``database-0007.sql.gz`` is what the version of migration 0007 wrote of three made-up institutions:
registers, three statements, a check with eight alerts, two cases. Only password hashes were struck.
"""

import gzip
import re
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import MetaData, create_engine, func, insert, inspect, select, text

from feewatch.config import Config, DatabaseConfig, Office
from feewatch.founding import initialise
from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.registers.importing import import_registers
from feewatch.store import bulk, chain, covering, migrations
from feewatch.store.database import Database
from feewatch.store.intake import ledger
from feewatch.store.tables import metadata
from feewatch.store.tables.ledger import entry, statement
from feewatch.store.tables.operations import audit

DATA = Path(__file__).parents[1] / "data"
DUMP = DATA / "database-0007.sql.gz"
#: What the version of migration 0008 made of a demonstration: decisions, editions, cases.
#: Entries and lessons of most institutions were struck, as password hashes were.
OFFICE = DATA / "database-0008.sql.gz"
AS_OF = parse_day("2026-07-31")
#: What an alert, a matter and a case are: none of it may change.
KEPT = (
    "alert",
    "alert_event",
    "matter",
    "case_file",
    "case_event",
    "case_matter",
    "entry",
    "match",
)
NEW = ("charge", "site", "succession", "premises", "clue")


@pytest.fixture(params=["sqlite", "postgres"])
def old(request, tmp_path):
    """The configuration of an office whose database stands at migration 0007, filled."""
    return filled(request, tmp_path, DUMP, "0007")


@pytest.fixture(params=["sqlite", "postgres"])
def whole_office(request, tmp_path):
    """The same of a whole demonstration at migration 0008."""
    return filled(request, tmp_path, OFFICE, "0008")


def filled(request, folder, dump, revision):
    """The configuration of a database of either kind that a dump fills."""
    path = folder / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(gzip.decompress(dump.read_bytes()).decode())
    connection.close()
    url = f"sqlite:///{path}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        copy(f"sqlite:///{path}", url, revision)
    return Config(folder / "home", Office(district="370702"), database=DatabaseConfig(url))


def copy(source, target, revision):
    """Make the tables of a revision in another database and carry every row over."""
    database = Database(target)
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine, there = create_engine(source), MetaData()
    tables = MetaData()
    tables.reflect(engine)
    there.reflect(database.engine)
    with engine.connect() as read, database.engine.begin() as tx:
        tx.execute(text("SET session_replication_role = replica"))
        for name, table in tables.tables.items():
            rows = [dict(row._mapping) for row in read.execute(select(table))]
            if name != "alembic_version" and rows:
                tx.execute(insert(there.tables[name]), rows)
                if "id" in table.c and table.c.id.type.python_type is int:
                    last = f"SELECT max(id) FROM {name}"
                    sequence = f"pg_get_serial_sequence('{name}', 'id')"
                    tx.execute(text(f"SELECT setval({sequence}, ({last}))"))
    engine.dispose()
    database.dispose()


def masked(row):
    """A row without the names in its lines of arithmetic, which migration 0036 masks."""
    row = re.sub("([向与]“)([^”])[^”]*(”划出|”在)", r"\1\2**\3", row)
    return re.sub(r"(yuan to |in from )(.).*?( on \d{4}-| within \d)", r"\1\2**\3", row)


def rows_of(config, columns=None, kept=KEPT):
    """Every row of the tables that may not change, by the columns of before."""
    database = Database(config.database_url)
    tables = MetaData()
    tables.reflect(database.engine, only=kept)
    with database.reading() as tx:
        told = {}
        for name in kept:
            table = tables.tables[name]
            names = columns[name] if columns else [column.name for column in table.c]
            chosen = [table.c[each] for each in names]
            told[name] = sorted(masked(repr(tuple(row))) for row in tx.execute(select(*chosen)))
    database.dispose()
    return told, {name: [c.name for c in tables.tables[name].c] for name in kept}


def test_a_filled_database_comes_up_and_its_alerts_stay_as_they_are(old):
    before, columns = rows_of(old)
    assert len(before["alert"]) == 8
    app = initialise(old)
    assert migrations.find_revision(app.database) == migrations.newest()
    assert rows_of(old, columns)[0] == before
    names = inspect(app.database.engine).get_table_names()
    assert set(NEW) <= set(names)

    report = run_check(app, AS_OF, full=True).as_json()
    changes = {name: report[name] for name in ("opened", "withdrawn", "recovered")}
    assert changes == {"opened": 0, "withdrawn": 0, "recovered": 0}
    assert report["breaches"] == 8
    assert rows_of(old, columns)[0] == before
    shown = {
        alert["id"]: alert["status"]
        for alert in list_alerts(app, status=None, rule=None, uscc=None)
    }
    assert sorted(shown.values()) == ["dismissed", "in_case"] + ["open"] * 6
    app.database.dispose()


def test_what_is_new_can_be_entered_of_what_is_old(old, tmp_path):
    """The contract of 61 lessons, told as two charges: a row goes in, its contract is known."""
    app = initialise(old)
    path = tmp_path / "charges.csv"
    path.write_text(
        "contract_no,charge_no,due_on,amount,lessons,paid_on\n"
        "HT0002000,1,2026-06-10,600.00,30,2026-06-10\n"
        "HT0002000,2,2026-07-20,400.00,31,2026-07-20\n",
        encoding="utf-8",
    )
    report = import_registers(app, "charges", path, actor="test").as_json()
    assert (report["bad"], report["new"]) == (0, 2), report["problems"]
    tables = MetaData()
    tables.reflect(app.database.engine, only=["charge"])
    with app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(tables.tables["charge"])) == 2
    app.database.dispose()


def test_a_whole_office_comes_up_with_its_decisions_editions_and_cases(whole_office):
    kept = (*KEPT, "decision", "decision_event", "edition", "statement", "account_day")
    before, columns = rows_of(whole_office, kept=kept)
    assert (len(before["decision_event"]), len(before["edition"])) == (2, 24)
    app = initialise(whole_office)
    assert migrations.find_revision(app.database) == migrations.newest()
    assert rows_of(whole_office, columns, kept)[0] == before
    alerts = list_alerts(app, status=None, rule="OUT-PERSON", uscc=None)
    named = [each["calculation"] for each in alerts]
    assert named
    assert all("**”划出" in line["zh"] and "** on" in line["en"] for line in named)
    with app.database.reading() as tx:
        if tx.dialect.name == "sqlite":
            assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        by = tx.execute(text("SELECT status, imported, proposed_by FROM decision")).all()
        words = tx.scalars(text("SELECT DISTINCT provenance FROM source_file")).all()
    assert [(row.status, bool(row.imported), row.proposed_by) for row in by] == [
        ("in_force", True, "reviewer")
    ] * 2
    assert None not in words
    app.database.dispose()


def test_what_was_on_record_before_is_taken_into_the_chain(whole_office):
    app = initialise(whole_office)
    with app.database.reading() as tx:
        rows = tx.execute(select(audit).order_by(audit.c.number)).mappings().all()
        counts = {name: bulk.count_rows(tx, metadata.tables[name]) for name in covering.HISTORY}
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["hash"] == chain.link_hash(row) for row in rows)
    covered = [
        (name, key) for row in rows for name in row["covers"] or () for key in row["covers"][name]
    ]
    assert rows[-1]["action"] == chain.BEGIN
    for name, count in counts.items():
        assert len({key for table, key in covered if table == name}) == count
    app.database.dispose()


def test_statements_with_rows_of_days_that_they_do_not_cover_are_marked(old):
    database = Database(old.database_url)
    with database.transaction() as tx:
        tx.execute(
            text(
                "UPDATE statement SET to_day = (SELECT min(booked_on) - 1 FROM entry"
                " WHERE entry.statement_id = statement.id)"
                " WHERE id = (SELECT max(statement_id) FROM entry)"
            )
        )
    database.dispose()
    app = initialise(old)
    with app.database.reading() as tx:
        rows = tx.execute(
            select(
                entry.c.account_id, entry.c.statement_id, entry.c.booked_on, statement.c.to_day
            ).join(statement, statement.c.id == entry.c.statement_id)
        ).all()
        accounts = {row.account_id for row in rows}
        found = ledger.list_outside_of(tx, accounts)
    app.database.dispose()
    outside = {(row.account_id, *row[1:3]) for row in rows if row.booked_on > row.to_day}
    assert outside
    assert outside == {(account, *day) for account, days in found.items() for day in days}
