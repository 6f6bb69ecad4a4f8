"""One check at a time, however many processes and threads would like to.

The turn belongs to an open file or session and not to a row: a process that is killed gives it
back by that, at once and whatever any clock says.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from feewatch.kernel.errors import UnavailableError
from feewatch.store.database import BUSY_TIMEOUT_SECONDS, Database

#: The lock of PostgreSQL is named by two numbers: whose it is, and of what.
_KEYS = {"ours": 0xFEE, "check": 1}
_LOCK_NOT_AVAILABLE = "55P03"


def only_one_check(
    database: Database, *, patience_seconds: float = BUSY_TIMEOUT_SECONDS
) -> AbstractContextManager[None]:
    """While it is open nobody else is in such a block.

    Raises: UnavailableError where another does not end in time.
    """
    take = _with_file if database.is_sqlite else _with_session
    return take(database, patience_seconds)


def _refusal() -> UnavailableError:
    return UnavailableError(
        "CHECK-RUNNING",
        "另一次检查正在进行，请在其结束后再试",
        "another check is at work: try again when it has ended",
    )


@contextmanager
def _with_file(database: Database, seconds: float) -> Iterator[None]:
    """An empty file beside the database, locked as SQLite locks a database of its own."""
    path = f"{database.url.database}-check"
    with closing(sqlite3.connect(path, timeout=seconds, isolation_level=None)) as turn:
        try:
            turn.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise _refusal() from fault
        yield


@contextmanager
def _with_session(database: Database, seconds: float) -> Iterator[None]:
    """A lock of a session of PostgreSQL that does nothing else meanwhile."""
    with database.engine.connect() as connection:
        session = connection.execution_options(isolation_level="AUTOCOMMIT")
        session.execute(text(f"SET lock_timeout = {int(seconds * 1000)}"))
        try:
            session.execute(text("SELECT pg_advisory_lock(:ours, :check)"), _KEYS)
        except OperationalError as fault:
            if getattr(fault.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                raise
            raise _refusal() from fault
        finally:
            session.execute(text("RESET lock_timeout"))
        try:
            yield
        finally:
            session.execute(text("SELECT pg_advisory_unlock(:ours, :check)"), _KEYS)
