"""How long a transaction waits for others: the one lock of SQLite, the locks of a server."""

import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from feewatch.store.waiting_room import WaitingRoom
from feewatch.store.writers import LOOK_SECONDS, WriterQueue, is_taken, refusing_late

#: How long a writer waits for another writer before it gives up, in seconds.
BUSY_TIMEOUT_SECONDS = 60
#: Locks of a session of PostgreSQL are named by two numbers: whose they are, and of what.
_OURS = 0xFEE
_LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def write_lock(
    connection: Connection,
    room: WaitingRoom,
    queue: WriterQueue | None,
    patience_seconds: float | None,
) -> Iterator[None]:
    """A transaction of SQLite begun with the one lock of writers, which another may have a while.

    Raises: TryLaterError where a limited number may wait.
    """
    with ExitStack() as own:
        waiting = own.enter_context(ExitStack())
        waiting.enter_context(room.inside())
        if queue is None:
            patience = BUSY_TIMEOUT_SECONDS if patience_seconds is None else patience_seconds
            _begin(connection, patience)
        else:
            turn = own.enter_context(queue.turn())
            with refusing_late(queue.patience_seconds):
                _begin(connection, turn.seconds_left)
            turn.has_begun = True
        waiting.close()
        yield


@contextmanager
def turn_of(queue: WriterQueue | None) -> Iterator[float | None]:
    """A writer's turn at a server, and how long it may wait for locks; None: as long as it takes.

    Raises: TryLaterError.
    """
    if queue is None:
        yield None
        return
    with queue.turn() as turn, refusing_late(queue.patience_seconds):
        turn.has_begun = True
        yield turn.seconds_left


def wait_no_longer(connection: Connection, seconds: float) -> None:
    """Let a transaction of PostgreSQL wait no longer for any lock; 0 would be for ever."""
    limit = max(int(seconds * 1000), 1)
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {limit}")


@contextmanager
def session_lock(session: Connection, name: str, seconds: float) -> Iterator[bool]:
    """Whether a session of PostgreSQL alone has a lock of this name during the block.

    It is had between transactions too, and given back by a session that ends. ``seconds``: for how
    long another who has it is waited for.
    """
    keys = {"ours": _OURS, "name": zlib.crc32(name.encode()) >> 1}
    take = "pg_advisory_lock" if seconds else "pg_try_advisory_lock"
    try:
        with session.begin():
            wait_no_longer(session, seconds)
            # of a lock that is waited for nothing is told
            has_it = session.scalar(text(f"SELECT {take}(:ours, :name)"), keys) is not False
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        has_it = False
    try:
        yield has_it
    finally:
        if has_it:
            with session.begin():
                session.execute(text("SELECT pg_advisory_unlock(:ours, :name)"), keys)


def _begin(connection: Connection, seconds: float) -> None:
    """Begin with the write lock, however many others ask for it, within so many seconds."""
    until = time.monotonic() + seconds
    with patient(connection, 0):
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as fault:
                if not is_taken(fault) or time.monotonic() >= until:
                    raise
                time.sleep(LOOK_SECONDS)
            else:
                return


def roll_back(connection: Connection) -> None:
    """End a view; SQLite has done so by itself where a statement that wrote was interrupted."""
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        tell(connection, "ROLLBACK")


@contextmanager
def patient(connection: Connection, seconds: float) -> Iterator[None]:
    """SQLite waits so long for a lock, and afterwards as long as it always does."""
    tell(connection, f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        tell(connection, f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")


def tell(connection: Connection, word: str) -> None:
    """Set SQLite, begin or end a view, straight: a page does so several times; it cannot fail."""
    driver: Any = connection.connection.driver_connection
    driver.execute(word)
