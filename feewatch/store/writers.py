"""Writers of one process that wait for others: how many at once, how long, and in which order."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from math import ceil
from threading import Event, Lock

from sqlalchemy.exc import OperationalError

from feewatch.kernel.errors import TryLaterError

#: The code by which PostgreSQL says that a lock was not to be had in time.
_LOCK_NOT_AVAILABLE = "55P03"
#: So often who waits for writers of other processes looks whether SQLite's lock is free; left to
#: itself it looks every tenth of a second in the end, and loses to whoever has just come.
LOOK_SECONDS = 0.005
#: So long the lock lies open between two writers of one process, or two parts of a long work.
GAP_SECONDS = 2 * LOOK_SECONDS


class Turn:
    """A writer's turn: how long it may wait for writers of other processes, and whether it does."""

    def __init__(self) -> None:
        self.seconds_left = 0.0
        self.has_begun = False
        self.has_come = Event()


class WriterQueue:
    """Places for those who wait; whoever finds none is refused, and so is who waits in vain."""

    def __init__(self, most: int, patience_seconds: float, at_once: int = 1) -> None:
        """``most``: how many may wait; ``at_once``: how many may write, where a database lets."""
        self.patience_seconds = patience_seconds
        self._most, self._at_once = most, at_once
        self._line: deque[Turn] = deque()  # the first have their turn
        self._lock = Lock()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """One after the other, in the order in which they come; as many as may write have theirs.

        Whoever has it says by ``has_begun`` that the wait is over.

        Raises: TryLaterError where too many wait, or those before take too long.
        """
        own, until = Turn(), time.monotonic() + self.patience_seconds
        with self._lock:
            if sum(not turn.has_begun for turn in self._line) >= self._most:
                raise busy(self.patience_seconds)
            self._line.append(own)
            if is_first := len(self._line) <= self._at_once:
                own.has_come.set()
        try:
            if not own.has_come.wait(self.patience_seconds):
                raise busy(self.patience_seconds)
            if not is_first and self._at_once == 1:
                time.sleep(GAP_SECONDS)  # other processes have their turn, too
            own.seconds_left = max(until - time.monotonic(), 0)
            yield own
        finally:
            self._leave(own)

    def _leave(self, own: Turn) -> None:
        with self._lock:
            self._line.remove(own)
            for turn in islice(self._line, self._at_once):
                turn.has_come.set()


@contextmanager
def refusing_late(patience_seconds: float) -> Iterator[None]:
    """Who waits in vain for a lock is told to try later.

    Raises: TryLaterError.
    """
    try:
        yield
    except OperationalError as fault:
        if not is_taken(fault):
            raise
        raise busy(patience_seconds) from None


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
