"""One at a time under a name, however many processes and threads would like to.

The place belongs to an open file or session and not to a row: a process that is killed gives it
back by that, at once and whatever any clock says; and nobody takes the lock of writers for it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from feewatch.store.connections import IN_MEMORY
from feewatch.store.database import Database
from feewatch.store.faults import explain
from feewatch.store.locks import session_lock


class OccupiedError(Exception):
    """Another has the place, and did not give it back in time."""


def alone(
    database: Database, name: str, *, patience_seconds: float = 0
) -> AbstractContextManager[None]:
    """While it is open nobody else is in a block of this name; what is read in it is of then.

    Raises: OccupiedError; MachineError where nothing may be written.
    """
    database.look_anew()
    take = _with_file if database.is_sqlite else _with_session
    return take(database, name, patience_seconds)


@contextmanager
def _with_file(database: Database, name: str, seconds: float) -> Iterator[None]:
    """An empty file beside the database, locked as SQLite locks a database of its own.

    A database in memory is nobody else's: nothing lies beside it.
    """
    held = database.url.database or IN_MEMORY
    path = held if held == IN_MEMORY else f"{held}-{name}"
    try:
        place = sqlite3.connect(path, timeout=seconds, isolation_level=None)
    except sqlite3.Error as fault:
        raise explain(fault, path) or fault from fault
    with closing(place):
        try:
            place.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise explain(fault, path) or fault from fault
            raise OccupiedError from fault
        yield


@contextmanager
def _with_session(database: Database, name: str, seconds: float) -> Iterator[None]:
    """A lock of a session of PostgreSQL that does nothing else meanwhile."""
    with database.engine.connect() as session, session_lock(session, name, seconds) as has_it:
        if not has_it:
            raise OccupiedError
        yield
