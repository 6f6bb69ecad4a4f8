"""Ends what takes longer than it is allowed: whatever statement then runs is interrupted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

#: A statement that begins after an interruption is interrupted so many seconds later.
_AGAIN_SECONDS = 0.5


class OutOfTimeError(Exception):
    """The time allowed is over; what was read so far counts for nothing."""


@contextmanager
def allowed(tx: Connection, seconds: float) -> Iterator[Callable[[], None]]:
    """A block that ends after so many seconds; what it gives is asked between its statements.

    Raises: OutOfTimeError from the statement then at work, or when it is asked.
    """
    is_over, is_done = Event(), Event()
    driver: Any = tx.connection.driver_connection
    interrupt = driver.interrupt if tx.dialect.name == "sqlite" else driver.cancel

    def watch() -> None:
        wait = seconds
        while not is_done.wait(wait):
            is_over.set()
            interrupt()
            wait = _AGAIN_SECONDS

    def go_on() -> None:
        if is_over.is_set():
            raise OutOfTimeError

    watcher = Thread(target=watch, name="allowance", daemon=True)
    watcher.start()
    try:
        yield go_on
    except DBAPIError as fault:
        if is_over.is_set():
            raise OutOfTimeError from fault
        raise
    finally:
        is_done.set()
        watcher.join()
