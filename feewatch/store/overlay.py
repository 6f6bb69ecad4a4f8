"""Tables laid over those on file for one connection of SQLite: what is tried is written to them.

SQLite has one write lock, which who merely looks must not take. A name is looked for among the
temporary tables first: before a table is written its rows are copied into a temporary one of its
name, keys and indexes, which every statement of the connection then reads and writes. The end of
the view takes them away.
"""

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
    name = kept.table_written(statement)
    if name is None or name not in metadata.tables:
        return
    driver: Any = tx.connection.driver_connection
    known = "SELECT 1 FROM sqlite_temp_master WHERE type = 'table' AND name = ?"
    if driver.execute(known, (name,)).fetchone() is not None:
        return
    table, indexes, columns = _written_out(name)
    driver.execute(table)
    rows = f'INSERT INTO temp."{name}" ({columns}) SELECT {columns} FROM main."{name}"'
    driver.execute(rows + _limit(name, is_open[0]))
    for index in indexes:  # of rows that are there: quicker than row by row
        driver.execute(index)


def _limit(name: str, institutions: frozenset[int] | None) -> str:
    """Rows of the institutions, those of none, and the last: new keys come after all on file."""
    if institutions is None or name not in _OF_INSTITUTIONS:
        return ""
    keys = ", ".join(map(str, sorted(institutions)))
    limit = f" WHERE institution_id IN ({keys}) OR institution_id IS NULL"
    if "id" in metadata.tables[name].c:
        limit += f' OR id = (SELECT MAX(id) FROM main."{name}")'
    return limit


@lru_cache
def _written_out(name: str) -> tuple[str, tuple[str, ...], str]:
    """The statements that make the table and its indexes, and its columns.

    Without foreign keys: those of a temporary table would point to temporary ones alone.
    """
    copy = metadata.tables[name].to_metadata(MetaData(), schema="temp")
    table = CreateTable(copy, include_foreign_key_constraints=[]).compile(dialect=_DIALECT)
    indexes = tuple(str(CreateIndex(each).compile(dialect=_DIALECT)) for each in copy.indexes)
    return str(table), indexes, ", ".join(f'"{each.name}"' for each in copy.c)
