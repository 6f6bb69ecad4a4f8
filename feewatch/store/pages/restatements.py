"""Statements and lines that restatements name; the scope is kept by who asks for an account."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from feewatch.store.pages import PageRow
from feewatch.store.scope import among
from feewatch.store.tables.ledger import entry, source_file, statement


def list_statements(tx: Connection, keys: Collection[int]) -> dict[int, PageRow]:
    """Statements by key, with the name of their file and when it was received."""
    query = (
        select(statement, source_file.c.name.label("file_name"), source_file.c.received_at)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(among(statement.c.id, keys))
    )
    return {row.id: row for row in tx.execute(query)}


def list_lines(tx: Connection, entries: Collection[int]) -> dict[int, int]:
    """The line of its file on which each stated row stands."""
    query = select(entry.c.id, entry.c.line).where(among(entry.c.id, entries))
    return {row.id: row.line for row in tx.execute(query)}
