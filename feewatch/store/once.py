"""Rows that are written once, however many processes try: portable INSERT … ON CONFLICT."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those rows that no unique key has yet, by whatever other process."""
    tx.execute(_insert(tx.dialect.name, table), [dict(row) for row in rows])


def insert_once(tx: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Whether the row was inserted; False where a unique key has it already."""
    # the count of rows is not given by every driver, a returned row is
    return tx.execute(_insert_told(tx.dialect.name, table), dict(values)).first() is not None


@cache
def _insert(dialect: str, table: Table) -> Any:
    """Built once for each table."""
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return make(table).on_conflict_do_nothing()


@cache
def _insert_told(dialect: str, table: Table) -> Any:
    """The same, telling the key of the row where it was inserted."""
    return _insert(dialect, table).returning(*table.primary_key)
