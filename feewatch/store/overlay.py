"""Tables laid over those on file for one connection: what is tried is written to them.

SQLite has one write lock and PostgreSQL one for each row, which who merely looks must not take. A
name is looked for among the temporary tables first: before a table is written its rows are copied
into a temporary one of its name, keys and indexes, which every statement of the connection then
reads and writes. The end of the view takes them away.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from feewatch.store import kept
from feewatch.store.tables import metadata

#: Under this name a connection knows that its writes go to tables laid over those on file, and of
#: which institutions; None: of all.
_IS_OPEN = "feewatch.overlay"
#: Tables of many rows an institution, which rules and matching read institution by institution.
_OF_INSTITUTIONS = frozenset(
    {
        "account_coverage", "account_day", "charge", "check_result", "contract", "coverage",
        "course", "entry", "institution_state", "lesson", "match", "proven_coverage",
        "proven_link", "refund_request", "register_change", "statement", "statement_link",
        "told_days",
    }
)  # fmt: skip
#: Of more institutions than that all rows are taken: most would be theirs.
_MANY = 2000
_DIALECT = sqlite.dialect()
_FROM = re.compile(r"\bFROM\s+\"?(\w+)")


def open_over(tx: Connection) -> None:
    """From now on nothing that the connection writes goes to a table on file."""
    tx.info[_IS_OPEN] = (None,)


def narrow(tx: Connection, institutions: Collection[int]) -> None:
    """Only rows of these institutions are written and read: of the longest tables theirs suffice.

    ``institutions``: with all that successions tie to them. Where nothing is laid over, nothing.
    """
    if tx.info.get(_IS_OPEN) is not None:
        tx.info[_IS_OPEN] = (frozenset(institutions),) if len(institutions) <= _MANY else (None,)


def close(tx: Connection) -> None:
    """The view is over, and its tables with it."""
    tx.info[_IS_OPEN] = None


def note(tx: Connection, statement: str) -> None:
    """A statement goes to the database: the table that it writes is laid over before."""
    is_open = tx.info.get(_IS_OPEN)
    if is_open is None:
        return
    name = kept.table_written(statement) or _table_locked(tx, statement)
    if name is None or name not in metadata.tables:
        return
    driver: Any = tx.connection.driver_connection
    if tx.dialect.name == "sqlite":
        _lay_over_sqlite(driver, name, is_open[0])
    else:
        _lay_over_postgres(driver, name, is_open[0])


def _table_locked(tx: Connection, statement: str) -> str | None:
    """The table of which a statement locks rows, where rows can be locked."""
    if tx.dialect.name == "sqlite" or not statement.rstrip().endswith("FOR UPDATE"):
        return None
    table = _FROM.search(statement)
    return table and table[1].lower()


def _lay_over_sqlite(driver: Any, name: str, institutions: frozenset[int] | None) -> None:
    known = "SELECT 1 FROM sqlite_temp_master WHERE type = 'table' AND name = ?"
    if driver.execute(known, (name,)).fetchone() is not None:
        return
    table, indexes, columns = _written_out(name)
    driver.execute(table)
    rows = f'INSERT INTO temp."{name}" ({columns}) SELECT {columns} FROM main."{name}"'
    driver.execute(rows + _limit("main", name, institutions))
    for index in indexes:  # of rows that are there: quicker than row by row
        driver.execute(index)


def _lay_over_postgres(driver: Any, name: str, institutions: frozenset[int] | None) -> None:
    known = f"SELECT to_regclass('pg_temp.\"{name}\"'), quote_ident(current_schema())"
    there, home = driver.execute(known).fetchone()
    if there is not None:
        return
    columns = _columns(name)
    driver.execute(f'CREATE TEMPORARY TABLE "{name}" (LIKE {home}."{name}" INCLUDING ALL)')
    rows = f'INSERT INTO pg_temp."{name}" ({columns}) SELECT {columns} FROM {home}."{name}"'
    driver.execute(rows + _limit(home, name, institutions))
    driver.execute(f'ANALYZE pg_temp."{name}"')  # nobody else counts what only this session sees


def _limit(home: str, name: str, institutions: frozenset[int] | None) -> str:
    """Rows of the institutions, those of none, and the last: new keys come after all on file."""
    if institutions is None or name not in _OF_INSTITUTIONS:
        return ""
    keys = ", ".join(map(str, sorted(institutions)))
    limit = f" WHERE institution_id IN ({keys}) OR institution_id IS NULL"
    if "id" in metadata.tables[name].c:
        limit += f' OR id = (SELECT MAX(id) FROM {home}."{name}")'
    return limit


@lru_cache
def _written_out(name: str) -> tuple[str, tuple[str, ...], str]:
    """The statements that make the table and its indexes, and its columns.

    Without foreign keys: those of a temporary table would point to temporary ones alone.
    """
    copy = metadata.tables[name].to_metadata(MetaData(), schema="temp")
    table = CreateTable(copy, include_foreign_key_constraints=[]).compile(dialect=_DIALECT)
    indexes = tuple(str(CreateIndex(each).compile(dialect=_DIALECT)) for each in copy.indexes)
    return str(table), indexes, _columns(name)


def _columns(name: str) -> str:
    return ", ".join(f'"{each.name}"' for each in metadata.tables[name].c)
