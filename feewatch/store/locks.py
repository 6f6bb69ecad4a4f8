"""How long a transaction waits for others: the one lock of SQLite, the locks of a server."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from feewatch.store.waiting_room import WaitingRoom
from feewatch.store.writers import LOOK_SECONDS, WriterQueue, is_taken, refusing_late

#: How long a writer waits for another writer before it gives up, in seconds.
BUSY_TIMEOUT_SECONDS = 60


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
