"""Rests of a long work on a server, between its statements, while others use the database.

A priority is that of a process, and what a check has to do is done by the server, whose processes
know of none. On an idle machine nobody uses the database and nothing rests.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event, text

#: The execution option of a connection under which it finds the rests of its work.
RESTS = "feewatch_rests"
#: Work of less is not worth a rest of its own.
_LEAST_SECONDS = 0.02
#: No rest is longer: after a statement of many seconds a view should not lie idle for a minute.
_LONGEST_SECONDS = 5.0
#: What was seen of others holds for so long.
_LOOK_SECONDS = 0.25
_BEGUN = "feewatch.begun"
_VIEW = "REPEATABLE READ"

#: An officer who reads leaves the server idle most of the time: whoever asked within a second is
#: there. Sessions of other roles tell nobody what they do, and are not counted.
_OTHERS = text(
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND application_name <> current_setting('application_name')
      AND (state = 'active' OR state_change > clock_timestamp() - INTERVAL '1 second')
    """
)


def count_others(connection: Connection) -> int:
    """Sessions of other processes that ask for anything: their name is not that of this one."""
    return connection.scalar(_OTHERS) or 0


class Rests:
    """What a work owes to others, and how it pays: by doing nothing for a while."""

    def __init__(self, share: float, count_others: Callable[[], int]) -> None:
        """``share``: seconds of rest, at the most, for each second of work; one for each other."""
        self.rested_seconds = 0.0
        self._share, self._count_others = share, count_others
        self._worked = 0.0
        self._looked_at, self._seen = float("-inf"), 0
        self._lock = Lock()

    def worked(self, seconds: float) -> None:
        """Note that a statement took so long."""
        with self._lock:
            self._worked += seconds

    def rest(self) -> None:
        """Nothing once all is paid, or nobody uses the database: what was owed is then let go."""
        with self._lock:
            worked, self._worked = self._worked, 0.0
        if worked < _LEAST_SECONDS:
            self.worked(worked)
            return
        begun = time.monotonic()
        while (left := begun + self._owed_for(worked) - time.monotonic()) > 0:
            pause = min(left, _LOOK_SECONDS)
            self.rested_seconds += pause  # known before it is over to whoever counts the work
            time.sleep(pause)

    def _owed_for(self, worked: float) -> float:
        """Seconds of rest: the longer, the more others there are, each of whom gets a second."""
        if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
            self._seen, self._looked_at = self._count_others(), time.monotonic()
        return min(worked * min(self._share, self._seen), _LONGEST_SECONDS)


def rested_seconds(tx: Connection) -> float:
    """How long the work of a connection has rested so far."""
    rests = tx.get_execution_options().get(RESTS)
    return rests.rested_seconds if rests is not None else 0.0


def watch(engine: Engine) -> None:
    """Let a work that rests do so after each statement of a view; a writer holds locks."""
    event.listen(engine, "before_cursor_execute", _note_begin)
    event.listen(engine, "after_cursor_execute", _note_end)


def _note_begin(tx: Connection, *_: Any) -> None:
    if RESTS in tx.get_execution_options():
        tx.info[_BEGUN] = time.monotonic()


def _note_end(tx: Connection, *_: Any) -> None:
    options = tx.get_execution_options()
    rests: Rests | None = options.get(RESTS)
    if rests is None:
        return
    rests.worked(time.monotonic() - tx.info[_BEGUN])
    if options.get("isolation_level") == _VIEW:
        rests.rest()
