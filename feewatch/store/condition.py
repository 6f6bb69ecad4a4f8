"""Whether the database is well, and the few counts by which an operator watches it."""

from sqlalchemy import Connection, func, select, text

from feewatch.store.database import Transaction
from feewatch.store.tables.casework import alert, case_file
from feewatch.store.tables.checks import check_run
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.operations import audit, job_run
from feewatch.store.tables.papers import message
from feewatch.store.tables.publication import edition, outbox
from feewatch.store.tables.registers import institution

#: Tables whose rows are counted by a column that tells them apart.
_BY = {
    "alerts": (alert, "status"),
    "cases": (case_file, "state"),
    "files": (source_file, "status"),
    "statements": (statement, "status"),
    "pushes": (outbox, "status"),
    "mails": (message, "mail"),
    "runs": (job_run, "status"),
}
_ROWS = {"institutions": institution, "entries": entry, "editions": edition, "audit": audit}


def find_latest_check(tx: Connection) -> tuple[str | None, bool]:
    """When the latest check was made, and whether there is any institution to check."""
    newest = select(check_run.c.at).where(
        check_run.c.taken_back_at.is_(None), check_run.c.is_unfinished.is_(False)
    )
    at = tx.scalar(newest.order_by(check_run.c.id.desc()).limit(1))
    has_any = tx.scalar(select(institution.c.id).limit(1)) is not None
    return (None if at is None else str(at)), has_any


def find_broken_check(tx: Connection) -> str | None:
    """When the latest check began, where it has not ended."""
    newest = select(check_run.c.at, check_run.c.is_unfinished).order_by(check_run.c.id.desc())
    row = tx.execute(newest.limit(1)).one_or_none()
    return str(row.at) if row is not None and row.is_unfinished else None


def list_left_out(tx: Connection) -> list[str]:
    """Credit codes that the latest check which ended had to leave out."""
    newest = select(check_run.c.left_out).where(check_run.c.is_unfinished.is_(False))
    return tx.scalar(newest.order_by(check_run.c.id.desc()).limit(1)) or []


def count_mails(tx: Connection) -> tuple[int, str | None]:
    """Mails that were given up on, and since when the oldest that waits has waited."""
    failed = tx.scalar(select(func.count()).where(message.c.mail == "failed")) or 0
    oldest = tx.scalar(select(func.min(message.c.at)).where(message.c.mail == "waiting"))
    return failed, (None if oldest is None else str(oldest))


def count_all(tx: Connection) -> list[tuple[str, str, int]]:
    """Rows by kind and state; the state is empty where a kind has none."""
    counts = [
        (name, str(state), number)
        for name, (table, column) in _BY.items()
        for state, number in tx.execute(
            select(table.c[column], func.count()).group_by(table.c[column])
        )
    ]
    for name, table in _ROWS.items():
        counts.append((name, "", tx.scalar(select(func.count()).select_from(table)) or 0))
    return counts


def find_fault(tx: Transaction) -> str | None:
    """What the database finds wrong in its file; None: nothing, or a server keeps it."""
    if tx.dialect.name != "sqlite":
        return None
    word = str(tx.scalar(text("PRAGMA quick_check(1)")))
    return None if word == "ok" else word
