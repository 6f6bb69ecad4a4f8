"""Several processes behind the same doors: the parent opens them and watches, its children serve.

Python runs one thread of a process at a time: a second core serves only in a second process.
The parent never answers: it passes the word to end on, waits for its children, and puts another in
the place of one that died, later each time where they die young.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NamedTuple

from feewatch.web.server import GRACE_SECONDS
from feewatch.web.spread import Spread

#: More of them gain little before the database is what holds them up.
_MOST = 4
#: Seconds between two looks at the children.
_TURN = 0.2
#: Who lived for fewer seconds died of its beginning: the wait for the next one doubles.
_YOUNG = 30.0
_LONGEST_WAIT = 60.0
#: Seconds beyond those of the requests in flight after which a child is ended by force.
_PATIENCE = 10.0

_log = logging.getLogger(__name__)


def count_processes(wanted: int) -> int:
    """How many processes serve: as many as wanted; where that is none, one a core, at most four."""
    if not hasattr(os, "fork"):
        return 1
    if wanted > 0:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST)


class Child(NamedTuple):
    """A process that serves, in one of the places that there are for such."""

    pid: int
    since: float
    place: int = 0


class Processes:
    """So many processes that serve, until told to end.

    ``serve`` runs in each child and returns when it was told to end; it is given how connections
    are spread. The caller has neither threads nor connections open: a child would take them for
    its own.
    """

    def __init__(
        self, number: int, doors: Sequence[socket.socket], serve: Callable[[Spread], None]
    ) -> None:
        self._number, self._doors, self._serve = number, doors, serve
        self._children: list[Child] = []
        self._spread = Spread(number)
        self._is_ending = False
        self._wait, self._not_before = 0.0, 0.0

    def run(self) -> None:
        """Keep as many children as wanted until SIGTERM or SIGINT; then end them and return."""
        for word in (signal.SIGTERM, signal.SIGINT):
            signal.signal(word, self._end)
        while not self._is_ending:
            self._bury()
            while len(self._children) < self._number and time.monotonic() >= self._not_before:
                self._bear()
            time.sleep(_TURN)
        for door in self._doors:
            door.close()  # a child closes it for itself: nobody new is let in
        self._tell(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS + _PATIENCE
        while self._children and time.monotonic() < until:
            self._bury()
            time.sleep(_TURN)
        self._tell(signal.SIGKILL)

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_ending = True

    def _tell(self, word: signal.Signals) -> None:
        for child in self._children:
            os.kill(child.pid, word)

    def _bear(self) -> None:
        place = min({*range(self._number)} - {child.place for child in self._children})
        pid = os.fork()
        if pid:
            self._children.append(Child(pid, time.monotonic(), place))
            return
        code = 1
        try:
            for word in (signal.SIGTERM, signal.SIGINT):
                signal.signal(word, signal.SIG_DFL)
            if not self._is_ending:  # told between the two lines above
                self._serve(self._spread.at(place))
            code = 0
        except Exception:  # noqa: BLE001 - the outermost edge of a process
            _log.exception("a web process failed")
        finally:
            logging.shutdown()
            os._exit(code)  # what the parent has begun is the parent's to end

    def _bury(self) -> None:
        """Take those that ended from the list; one that was not told to is replaced, in a while."""
        for child in list(self._children):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if not pid:
                continue
            self._children.remove(child)
            if not self._is_ending:
                self._miss(child, os.waitstatus_to_exitcode(status))

    def _miss(self, child: Child, code: int) -> None:
        now = time.monotonic()
        is_young = now - child.since < _YOUNG
        self._wait = min(max(2 * self._wait, 1.0), _LONGEST_WAIT) if is_young else 0.0
        self._not_before = now + self._wait
        how = f"signal {-code}" if code < 0 else f"code {code}"
        _log.error(
            "web process %d ended with %s; another begins in %d s", child.pid, how, self._wait
        )
