"""Every revision with rows in every table goes on to the next one, and straight to the present one.

Two databases go through the chain: an empty one from the first revision on, and a whole office of
revision 0008. Whatever table a revision brings gets rows there and then, and from 0034 on the
trail is a chain that vouches for them: what a later migration lost, changed or broke is seen.
"""

import gzip
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)

from feewatch.bootstrap import open_app
from feewatch.config import Config, DatabaseConfig
from feewatch.services.audit.verifying import prove_chain
from feewatch.store import chain, covering, migrations
from feewatch.store.database import Database
from feewatch.store.migrations import applying
from feewatch.store.tables.operations import audit, audit_head

DATA = Path(__file__).parents[1] / "data"
CHAINED = "0034"
#: What a migration changes on purpose, by revision: the tables, or one of their columns.
MEANT: dict[str, set[str]] = {
    # institutions are matched and checked anew
    "0002": {"institution_state"},
    "0012": {"institution_state"},
    "0013": {"institution_state"},
    "0036": {"alert.frozen", "alert_event.detail"},  # names in arithmetic are masked
    "0056": {"institution_state.touched"},  # of changes since the last check more may be touched
    "0061": {"cover_standing"},  # its day is that of the check
}
#: Words that a row needs to be one of its table.
WORDS = {
    "alert.status": "open", "matter.status": "open", "case_file.state": "open",
    "statement.status": "accepted", "source_file.status": "accepted", "decision.status": "revoked",
    "proposal.state": "open", "app_user.role": "officer", "decision.list": "black",
    "edition.document": "{}",
    "alert.rule": "OUT-PERSON",  # masked by 0036, and vouched for anew
}  # fmt: skip
ROWS = 2


def revisions() -> list[str]:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in scripts][::-1]


def go_to(database: Database, revision: str) -> None:
    """Bring a database to a revision as the release of then did."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with database.transaction() as tx:
        chain.forget(tx)
        config.attributes["connection"] = tx
        command.upgrade(config, revision)
        if revision == CHAINED:  # the rows of before, then what the trail vouches for
            head = tx.execute(select(audit_head)).one()
            chain._link(tx, head, tx.execute(select(audit).order_by(audit.c.id)).all(), [])
            link(tx, reflect(tx).sorted_tables)


def reflect(tx: Connection) -> MetaData:
    tables = MetaData()
    tables.reflect(tx)
    tables.remove(tables.tables["alembic_version"])
    return tables


def value_of(column: Any, n: int, tx: Connection) -> Any:
    """Something that a column may hold, another one in each row."""
    if column.foreign_keys:
        (foreign, *_) = column.foreign_keys
        keys = list(tx.scalars(select(foreign.column).limit(ROWS)))
        return keys[n % len(keys)] if keys else None
    name = f"{column.table.name}.{column.name}"
    if name in WORDS:
        return WORDS[name]
    if isinstance(column.type, JSON):
        return {"calculation": {"zh": "一", "en": "one"}}
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return 20_000 + n
    if column.name == "at" or column.name.endswith("_at"):
        return f"2026-01-0{n + 1}T00:00:00+08:00"
    return f"{n}{column.name}"[: column.type.length or 100]


def is_numbered(table: Table, tx: Connection) -> bool:
    """Whether the database gives each row its number."""
    key = table.c.get("id")
    if key is None or not key.primary_key or not isinstance(key.type, Integer):
        return False
    return tx.dialect.name == "sqlite" or bool(key.server_default or key.identity)


def fill(database: Database, tables: MetaData) -> list[Table]:
    """Put rows into every table that has none; those tables."""
    with database.transaction() as tx:
        chain.forget(tx)
        filled = []
        for table in tables.sorted_tables:
            if table.name in ("audit_head", "record_pass", "change_mark", "audit") or tx.scalar(
                select(func.count()).select_from(table)
            ):
                continue
            for n in range(ROWS):
                values = {column.name: value_of(column, n, tx) for column in table.c}
                if is_numbered(table, tx):
                    values.pop("id")
                tx.execute(insert(table), values)
            filled.append(table)
        if "audit_head" in tables.tables:
            link(tx, filled)
    return filled


def link(tx: Connection, tables: list[Table]) -> None:
    """Let the chain vouch for the rows of these tables as they are now."""
    by_name = {table.name: table for table in tables}
    for name in (*covering.HISTORY, *covering.KEPT):
        if name not in by_name:
            continue
        columns = covering.KEPT[name].columns if name in covering.KEPT else by_name[name].c.keys()
        known = [by_name[name].c[each] for each in {"id", *columns} if each in by_name[name].c]
        covers = {
            str(row["id"]): covering.hash_of(name, {**row})
            for row in tx.execute(select(*known)).mappings()
        }
        chain.link_covers(tx, chain.BEGIN, name, {name: covers})
    if covering.STATEMENT in by_name:
        rows = covering.hash_rows(tx, covering.STATEMENT)
        covers = {str(key): value for key, value in rows}
        chain.link_covers(tx, chain.BEGIN, covering.STATEMENT, {covering.STATEMENT: covers})


Rows = dict[str, list[dict[str, Any]]]


def rows_of(database: Database, tables: MetaData | None = None) -> Rows:
    """All rows of all tables."""
    with database.reading() as tx:
        return {
            name: [dict(row._mapping) for row in tx.execute(select(table))]
            for name, table in (tables or reflect(tx)).tables.items()
        }


def list_changed(revision: str, before: Rows, after: Rows) -> Iterator[str]:
    """The tables whose rows differ in the columns of before, and are not meant to."""
    meant = MEANT.get(revision, set()) | {"audit", "audit_head", "change_mark"}
    for name, rows in before.items():
        names = [column for column in (rows[0] if rows else ()) if f"{name}.{column}" not in meant]
        old, new = (
            sorted(repr([row.get(column, "gone") for column in names]) for row in each)
            for each in (rows, after.get(name, []))
        )
        if old != new and name not in meant:
            lost = next((row for row in old if row not in set(new)), f"{len(old)} rows")
            yield f"{revision} {name} ({len(old)} -> {len(new)}): {lost[:300]}"


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request):
    return request.param


def begin(kind: str, base: str, request, folder: Path) -> Database:
    """An empty database at a revision, or the office of revision 0008."""
    if base != "0008":
        url = "" if kind == "sqlite" else request.getfixturevalue("postgres_url")
        database = Database(url or f"sqlite:///{folder / 'old.db'}")
        go_to(database, base)
        return database
    with sqlite3.connect(folder / "old.db") as connection:
        dump = (DATA / f"database-{base}.sql.gz").read_bytes()
        connection.executescript(gzip.decompress(dump).decode())
    connection.close()
    return Database(f"sqlite:///{folder / 'old.db'}")


def walk(database: Database, base: str) -> Iterator[tuple[str, list[str]]]:
    """Each revision after a base, reached from the one before with rows in every table."""
    known = revisions()
    with database.reading() as tx:
        tables = reflect(tx)
    fill(database, tables)
    before = rows_of(database, tables)
    for revision in known[known.index(base) + 1 :]:
        go_to(database, revision)
        with database.reading() as tx:
            tables = reflect(tx)
        after = rows_of(database, tables)
        yield revision, list(list_changed(revision, before, after))
        before = after if not fill(database, tables) else rows_of(database, tables)


def finish(database: Database, folder: Path) -> None:
    """The present release takes the office over: its record holds, nothing points into nothing."""
    url = database.url.render_as_string(hide_password=False)
    applying.upgrade(database)
    app = open_app(Config(folder / "home", database=DatabaseConfig(url)))
    proof = prove_chain(app)
    assert [fault.place for fault in proof.faults] == []
    with app.database.reading() as tx:
        for name in (*covering.HISTORY, *covering.KEPT, covering.STATEMENT):
            assert list(covering.hash_rows(tx, name)) is not None
        if tx.dialect.name == "sqlite":
            assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert tx.scalar(text("PRAGMA integrity_check")) == "ok"
    app.database.dispose()


def test_rows_of_every_table_come_through_the_latest_revisions(kind, request, tmp_path):
    come_through(kind, "0033", request, tmp_path)


@pytest.mark.long
def test_rows_of_every_table_come_through_every_revision(kind, request, tmp_path):
    come_through(kind, "0001", request, tmp_path)


@pytest.mark.long
def test_a_whole_office_comes_through_every_revision(request, tmp_path):
    come_through("sqlite", "0008", request, tmp_path)


@pytest.mark.long
def test_every_revision_goes_straight_to_the_present_one(request, tmp_path):
    """As an office does that left out releases: all that is missing in one transaction."""
    database = begin("sqlite", "0001", request, tmp_path)
    wrong = []
    for revision, _ in walk(database, "0001"):
        database.dispose()
        place = tmp_path / revision
        place.mkdir()
        shutil.copy(tmp_path / "old.db", place / "old.db")
        old = Database(f"sqlite:///{place / 'old.db'}")
        before = rows_of(old)
        finish(old, place)
        MEANT[f"{revision} to the present"] = set().union(
            *(MEANT.get(later, set()) for later in revisions() if later > revision)
        )
        wrong += list_changed(f"{revision} to the present", before, rows_of(old))
        old.dispose()
    assert wrong == []


def come_through(kind, base, request, tmp_path):
    database = begin(kind, base, request, tmp_path)
    wrong = [fault for _, faults in walk(database, base) for fault in faults]
    assert wrong == []
    finish(database, tmp_path)
    database.dispose()
