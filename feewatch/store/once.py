"""Rows that are written once, however many processes try: portable INSERT … ON CONFLICT."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those rows that no unique key has yet, by whatever other process."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    tx.execute(dialect.insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])


def insert_once(tx: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Whether the row was inserted; False where a unique key has it already."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()
    # the count of rows is not given by every driver, a returned row is
    return tx.execute(statement.returning(*table.primary_key)).first() is not None
