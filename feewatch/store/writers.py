"""Writers of one process that wait for others: how many at once, and how long."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from threading import BoundedSemaphore

from sqlalchemy.exc import OperationalError

from feewatch.kernel.errors import TryLaterError

#: The code by which PostgreSQL says that a lock was not to be had in time.
_LOCK_NOT_AVAILABLE = "55P03"


class WriterQueue:
    """Places for those who wait; whoever finds none is refused, and so is who waits in vain."""

    def __init__(self, most: int, patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self._places = BoundedSemaphore(most)

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
