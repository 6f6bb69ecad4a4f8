"""Who waits for SQLite's one write lock, known to all processes: a long work lets them go first.

Each who waits holds a shared lock of an empty file beside the database; a process that is killed
gives it back by that. Nobody waits for the file itself.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: So often a long work looks whether somebody still waits.
_LOOK_SECONDS = 0.005
_TRIES = 3
_MODE = 0o600


class WaitingRoom:
    """Those who wait for the write lock of one database; a database in memory has nobody."""

    def __init__(self, database: Path | None) -> None:
        self._path = database and database.with_name(f"{database.name}-waiting")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The caller waits as long as the block goes on.

        Where the file cannot be made the wait is not known to others, and only takes longer.
        """
        place = self._open()
        try:
            if place is not None:
                _enter(place)
            yield
        finally:
            if place is not None:
                os.close(place)

    def wait_until_empty(self, most_seconds: float) -> None:
        """Nothing once nobody waits, or after so long: whoever works long comes forward, too."""
        until = time.monotonic() + most_seconds
        while not self.is_empty() and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)

    def is_empty(self) -> bool:
        """Whether nobody waits at this moment."""
        place = self._open()
        if place is None:
            return True
        try:
            return _lock(place, fcntl.LOCK_EX)
        finally:
            os.close(place)

    def _open(self) -> int | None:
        if self._path is None:
            return None
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        except OSError:
            return None


def _enter(place: int) -> None:
    """Take a place, which is not to be had while a long work looks: that is a moment."""
    for _ in range(_TRIES):
        if _lock(place, fcntl.LOCK_SH):
            return
        time.sleep(_LOOK_SECONDS / _TRIES)


def _lock(place: int, kind: int) -> bool:
    try:
        fcntl.flock(place, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
