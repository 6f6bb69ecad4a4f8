"""One view of the data for all that is read while a request is answered.

Each view costs a server two ways more than what is asked in it, and a page asks in half a dozen
places. Within ``OneView.block`` a thread has one view for all of them, which also lets no two parts
of a page tell of different moments. It begins anew once it is a second old, once something has
failed in it, and once the thread may have written: ``begin_anew``.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

#: An older view is given to nobody else: what was waited for meanwhile would not be in it.
_LONGEST_SECONDS = 1.0

_log = logging.getLogger(__name__)


class _Open:
    """A view that is open, and how many read in it."""

    def __init__(self, view: AbstractContextManager[Connection]) -> None:
        self._own = ExitStack()
        self.connection = self._own.enter_context(view)
        self._begun_at, self.readers, self._is_given_up = time.monotonic(), 0, False

    @property
    def is_young(self) -> bool:
        return time.monotonic() - self._begun_at < _LONGEST_SECONDS

    def give_up(self) -> None:
        """Nobody else reads in it; it ends with who still does."""
        self._is_given_up = True
        self.leave()

    def leave(self) -> None:
        """End it where nobody reads in it; a server that is gone takes nothing of what was read."""
        if self._is_given_up and not self.readers:
            try:
                self._own.close()
            except SQLAlchemyError:
                _log.warning("a view ended before it was given up", exc_info=True)


class OneView(threading.local):
    """The view that a thread has for all that it reads; each thread has its own."""

    _is_wanted = False
    _open: _Open | None = None

    @contextmanager
    def block(self) -> Iterator[None]:
        """All that is read within is read in one view, as far as it can be."""
        before, self._is_wanted = self._is_wanted, True
        try:
            yield
        finally:
            self._is_wanted = before
            self.begin_anew()

    def begin_anew(self) -> None:
        """What is read from here on is read as the data are then."""
        given_up, self._open = self._open, None
        if given_up is not None:
            given_up.give_up()

    @contextmanager
    def reading(
        self, view: Callable[[], AbstractContextManager[Connection]]
    ) -> Iterator[Connection]:
        """The connection of a view; ``view``: opens one."""
        if not self._is_wanted:
            with view() as connection:
                yield connection
            return
        if self._open is None or not self._open.is_young:
            self.begin_anew()
            self._open = _Open(view())
        mine = self._open
        mine.readers += 1
        try:
            yield mine.connection
        except BaseException:
            if self._open is mine:
                self.begin_anew()
            raise
        finally:
            mine.readers -= 1
            mine.leave()
