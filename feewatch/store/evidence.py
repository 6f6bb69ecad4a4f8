"""The rows of bank files that an alert rests on, looked up by file hash and line."""

from sqlalchemy import Connection, RowMapping, select

from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account


def list_entries(tx: Connection, file_sha256: str, line: int) -> list[RowMapping]:
    """The entries that stand at a line of a file."""
    query = (
        select(
            source_file.c.name.label("file"),
            account.c.account_no,
            entry.c.booked_on,
            entry.c.amount_fen,
            entry.c.balance_fen,
            entry.c.counterparty,
            entry.c.counterparty_account,
            entry.c.memo,
            entry.c.reference,
            entry.c.kind,
        )
        .select_from(entry)
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(account, account.c.id == entry.c.account_id)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(statement.c.file_sha256 == file_sha256, entry.c.line == line)
        .order_by(entry.c.id)
    )
    return list(tx.execute(query).mappings())


def list_statements(tx: Connection, file_sha256: str) -> list[RowMapping]:
    """The statements of a file: what there is to show of one that was never accepted."""
    query = (
        select(
            source_file.c.name.label("file"),
            statement.c.n,
            statement.c.account_no,
            statement.c.from_day,
            statement.c.to_day,
            statement.c.opening_fen,
            statement.c.closing_fen,
            statement.c.status,
            statement.c.reason,
            statement.c.difference_fen,
        )
        .select_from(statement)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(statement.c.file_sha256 == file_sha256)
        .order_by(statement.c.n)
    )
    return list(tx.execute(query).mappings())
