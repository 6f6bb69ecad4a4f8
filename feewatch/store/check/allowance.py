"""Ends what takes longer than it is allowed, or was told to end: the statement is interrupted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from feewatch.store.resting import rested_seconds

#: A statement that begins after an interruption is interrupted so many seconds later.
_AGAIN_SECONDS = 0.5


class OutOfTimeError(Exception):
    """The time allowed is over; what was read so far counts for nothing."""


class InterruptedStatementError(Exception):
    """A statement that an engine other than the database broke off, as it was told to."""


class StoppedError(Exception):
    """Somebody has stopped the work; what was read so far counts for nothing."""


@contextmanager
def allowed(
    tx: Connection, seconds: float, also: Callable[[], None] = lambda: None
) -> Iterator[Callable[[], None]]:
    """A block that ends after so many seconds; what it gives is asked between its statements.

    What it rests for others is not counted.

    ``also``: interrupts what is at work elsewhere for the block.

    Raises: OutOfTimeError from the statement then at work, or when it is asked.
    """
    is_over = Event()

    def go_on() -> None:
        if is_over.is_set():
            raise OutOfTimeError

    def wait(is_done: Event) -> bool:
        if is_over.is_set():
            return is_done.wait(_AGAIN_SECONDS)
        left, rested = seconds, rested_seconds(tx)
        while left > 0:
            if is_done.wait(left):
                return True
            left = rested_seconds(tx) - rested
            rested += left
        return False

    with _interrupting(tx, wait, is_over, lambda: True, OutOfTimeError, also):
        yield go_on


@contextmanager
def stoppable(tx: Connection, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """A block whose statements are interrupted where it is stopped, half a second later.

    Raises: StoppedError.
    """
    with _interrupting(
        tx, lambda is_done: is_done.wait(_AGAIN_SECONDS), Event(), is_stopped, StoppedError
    ):
        yield


@contextmanager
def _interrupting(
    tx: Connection,
    wait: Callable[[Event], bool],
    is_over: Event,
    is_due: Callable[[], bool],
    error: type[Exception],
    also: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    is_done = Event()
    driver: Any = tx.connection.driver_connection
    interrupt = driver.interrupt if tx.dialect.name == "sqlite" else driver.cancel

    def watch() -> None:
        while not wait(is_done):
            if is_due():
                is_over.set()
                interrupt()
                also()

    watcher = Thread(target=watch, name="allowance", daemon=True)
    watcher.start()
    try:
        yield
    except (DBAPIError, InterruptedStatementError) as fault:
        if is_over.is_set():
            raise error from fault
        raise
    finally:
        is_done.set()
        watcher.join()
