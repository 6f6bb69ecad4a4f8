"""Writers of one process that wait for others: how many at once, how long, and in which order."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from threading import BoundedSemaphore, Event, Lock

from sqlalchemy.exc import OperationalError

from feewatch.kernel.errors import TryLaterError

#: The code by which PostgreSQL says that a lock was not to be had in time.
_LOCK_NOT_AVAILABLE = "55P03"
#: So often who waits for writers of other processes looks whether SQLite's lock is free; left to
#: itself it looks every tenth of a second in the end, and loses to whoever has just come.
LOOK_SECONDS = 0.005
#: So long the lock lies open between two writers of one process, or two parts of a long work.
GAP_SECONDS = 2 * LOOK_SECONDS


class WriterQueue:
    """Places for those who wait; whoever finds none is refused, and so is who waits in vain."""

    def __init__(self, most: int, patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self._places = BoundedSemaphore(most)
        self._most = most
        self._line: deque[Event] = deque()  # the first has the turn
        self._is_writing = False
        self._lock = Lock()

    @contextmanager
    def place(self, wait_seconds: float) -> Iterator[None]:
        """A place for the time of the block.

        Raises: TryLaterError where none is free, or another writer keeps the lock too long.
        """
        if not self._places.acquire(timeout=wait_seconds):
            raise busy(self.patience_seconds)
        try:
            yield
        except OperationalError as fault:
            if not is_taken(fault):
                raise
            raise busy(self.patience_seconds) from None
        finally:
            self._places.release()

    @contextmanager
    def turn(self) -> Iterator[float]:
        """One after the other, in the order in which they come, for databases with one writer.

        Gives the seconds that are left to wait for writers of other processes; ``begun`` says that
        the wait is over.

        Raises: TryLaterError where too many wait, or those before take too long.
        """
        own, until = Event(), time.monotonic() + self.patience_seconds
        with self._lock:
            if len(self._line) - self._is_writing >= self._most:
                raise busy(self.patience_seconds)
            self._line.append(own)
            is_first = self._line[0] is own
        try:
            if not is_first:
                if not own.wait(self.patience_seconds):
                    raise busy(self.patience_seconds)
                time.sleep(GAP_SECONDS)  # other processes have their turn, too
            yield max(until - time.monotonic(), 0)
        finally:
            self._leave(own)

    def begun(self) -> None:
        """Say that whoever has the turn waits no more."""
        self._is_writing = True

    def _leave(self, own: Event) -> None:
        with self._lock:
            is_first = self._line[0] is own
            self._line.remove(own)
            if is_first:
                self._is_writing = False
                if self._line:
                    self._line[0].set()


def busy(seconds: float) -> TryLaterError:
    """The refusal of who would have to wait longer for other writers."""
    return TryLaterError(
        "OFFICE-BUSY",
        "系统正忙于写入，此次操作未执行，请稍后再试",
        "the office is busy writing and nothing was changed: try again in a moment",
        seconds=ceil(seconds),
    )


def is_taken(fault: OperationalError) -> bool:
    """Whether a fault says that somebody else has a lock."""
    name = getattr(fault.orig, "sqlite_errorname", "")
    return (
        name.startswith("SQLITE_BUSY") or getattr(fault.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE
    )
