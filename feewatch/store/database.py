"""The database and its one way to change: ``with database.transaction() as tx``.

Store functions take the connection and never commit. SQLite runs in WAL mode; a writer takes the
write lock at BEGIN, so two writers queue instead of failing half way.
"""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, inspect, make_url
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError

from feewatch.kernel.errors import MachineError
from feewatch.store import chain, kept, overlay, stock
from feewatch.store.connections import Pages, file_of, make_engine, place_of, size_of_log
from feewatch.store.locks import patient, roll_back, tell, turn_of, wait_no_longer, write_lock
from feewatch.store.one_view import OneView
from feewatch.store.opened import Places, is_writable
from feewatch.store.resting import RESTS, Rests, count_others
from feewatch.store.waiting_room import WaitingRoom
from feewatch.store.writers import GAP_SECONDS, WriterQueue

#: Megabytes of pages that the connections of a process, or of all that serve, hold together.
CACHE_MB = 256
#: Connections that a process opens at most.
CONNECTIONS = 16
#: SQLite's log is emptied beyond so many bytes, for which readers are waited for so long.
LOG_MOST = 32 * 1024 * 1024
_LOG_PATIENCE_SECONDS = 0.5

#: A long work lets others write for so long between two of its parts, and no longer.
_LONGEST_GAP_SECONDS = 1.0

#: What ``transaction`` and ``reading`` give, and a row read by column names, for those who may
#: not import SQLAlchemy.
Transaction = Connection
Record = RowMapping
#: What a long work goes through, one after another.
Part = TypeVar("Part")
#: Whatever a database complains of, for those who may not import SQLAlchemy.
DatabaseFault = SQLAlchemyError
#: Asks something of a transaction and raises where it may not go on; the flag says that the
#: transaction is about to end, so that what was asked has to stay true until then.
Guard = Callable[[Connection, bool], None]


class FencedOffError(Exception):
    """Another process has taken over the work of this one, which may write nothing any more."""


def is_of_machine(fault: Exception) -> bool:
    """Whether a fault tells of the machine or the database, not of the data to be kept."""
    if isinstance(fault, SQLAlchemyError):
        return not isinstance(fault, DataError)
    return isinstance(fault, OSError | MemoryError | FencedOffError | MachineError)


@contextmanager
def tried(tx: Connection) -> Iterator[None]:
    """A part of a transaction of which nothing stays, whatever it wrote."""
    part = tx.begin_nested()
    try:
        yield
    finally:
        part.rollback()


class Database:
    """One database, SQLite or PostgreSQL, by SQLAlchemy URL."""

    def __init__(
        self,
        url: str,
        *,
        home: Path | None = None,
        may_create: bool = True,
        cache_mb: int = CACHE_MB,
        connections: int = CONNECTIONS,
    ) -> None:
        """``home``: the folder that belongs to it; ``may_create``: a file that is not there yet.

        ``connections``: that a process opens at most; who asks for one more waits. ``cache_mb``:
        what those of SQLite hold in memory, all together.
        """
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._file = file_of(self.url) if self.is_sqlite else None
        self._places = Places(*(path for path in (self._file, home) if path is not None))
        self.connections = connections
        self._pages = Pages(cache_mb)
        self._room = WaitingRoom(self._file)
        self._rests: Rests | None = None
        self._stock = stock.Looks()
        self._is_long_work = False
        self.engine = make_engine(
            self.url, self._file, self._places, self._pages, connections, may_create=may_create
        )
        chain.watch(self.engine)
        self.kept = kept.KeptAnswers()
        self._views = OneView()
        self._has_marks = False
        self._guard: Guard | None = None
        self._queue: WriterQueue | None = None

    def limited(self, most: int, patience_seconds: float) -> "Database":
        """The same database, for one process that serves people.

        No more than ``most`` of its threads wait for other writers, none longer than this; whoever
        comes beyond that is refused at once, so that readers find a thread.
        """
        limited = copy.copy(self)
        # a server has no one lock of all writers; half as many as may wait leave readers threads
        limited._queue = WriterQueue(
            most, patience_seconds, 1 if self.is_sqlite else max(1, most // 2)
        )
        return limited

    def share_pages(self, connections: int) -> None:
        """Let so many connections, of all processes that serve together, share the page cache."""
        self._pages.sharers = connections

    @property
    def place(self) -> str:
        """Where it is, for people; a password is not shown."""
        return place_of(self.url)

    def guarded(self, guard: Guard) -> "Database":
        """The same database, of which every transaction has to pass a guard."""
        guarded = copy.copy(self)
        guarded._guard = guard
        return guarded

    def for_long_work(self, share: float) -> "Database":
        """The same database, for a long work that lets others have the server between statements.

        Lists may be seconds behind what it writes (``kept``), until ``end_long_work``.

        ``share``: seconds of rest, at the most, for each second that its statements take; it rests
        a second for each session of others at work, and never inside a transaction that writes.
        On SQLite a work is done in its own process, whose priority says the same.
        """
        patient = copy.copy(self)
        patient._is_long_work = True
        if not self.is_sqlite and share:
            patient._rests = Rests(share, self._count_others)
        return patient

    def _count_others(self) -> int:
        """Sessions of other processes that have asked the server for anything just now."""
        with self.engine.connect() as connection:
            return count_others(connection)

    @property
    def is_replaced(self) -> bool:
        """Whether another database stands in its place: a process has to begin anew."""
        return self._places.is_replaced

    @property
    def is_in_memory(self) -> bool:
        """Whether it is one of SQLite that each thread has by itself, and nobody keeps."""
        return self.is_sqlite and self._file is None

    @property
    def may_write(self) -> bool:
        """Whether this process may write to its file; a server of PostgreSQL says so itself."""
        return self._file is None or is_writable(self._file)

    def refuse_other(self) -> None:
        """Nothing where the database is the one that was opened.

        Raises: MachineError.
        """
        self._places.refuse_other()

    @property
    def dialect(self) -> str:
        """The name by which the rule engine generates SQL: sqlite or postgres."""
        return "sqlite" if self.is_sqlite else "postgres"

    @contextmanager
    def transaction(self, *, patience_seconds: float | None = None) -> Iterator[Connection]:
        """A connection whose work is committed at the end of the block, or not at all.

        ``patience_seconds``: how long to wait for other writers where that is less than usual.

        Raises: TryLaterError where a limited number may wait (``limited``).
        """
        queue = None if patience_seconds is not None else self._queue
        with self._apart() as connection:
            if self.is_sqlite:
                with write_lock(connection, self._room, queue, patience_seconds):
                    kept.begin(connection)
                    try:
                        # the lock is held from here on: what the guard sees stays true
                        self._ask_guard(connection, ends=False)
                        chain.begin(connection)
                        yield connection
                        self._leave_mark(connection)
                        chain.seal(connection)
                        self._places.refuse_other()
                    except BaseException:
                        chain.forget(connection)
                        roll_back(connection)
                        raise
                    connection.exec_driver_sql("COMMIT")
            else:
                with turn_of(queue) as seconds_left, connection.begin():
                    limit = patience_seconds if seconds_left is None else seconds_left
                    if limit is not None:
                        wait_no_longer(connection, limit)
                    kept.begin(connection)
                    self._ask_guard(connection, ends=False)
                    chain.begin(connection)
                    try:
                        yield connection
                        self._leave_mark(connection)
                        self._ask_guard(connection, ends=True)
                        chain.seal(connection)
                        self._places.refuse_other()
                    finally:
                        chain.forget(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection to what was opened, and to nothing that took its place."""
        self._places.refuse_other()
        with self.engine.connect() as connection:
            if self._rests is not None:
                connection.execution_options(**{RESTS: self._rests})
            yield connection

    @contextmanager
    def _apart(self) -> Iterator[Connection]:
        """The same for what is more than a look: no view of before, or of meanwhile, goes on."""
        self._views.begin_anew()
        try:
            with self._connected() as connection:
                yield connection
        finally:
            self._views.begin_anew()

    def one_view(self) -> AbstractContextManager[None]:
        """A block in which this thread reads in one view of the data (``one_view``)."""
        return self._views.block()

    def look_anew(self) -> None:
        """What this thread reads from here on is read as the data are then."""
        self._views.begin_anew()

    def try_now(self, work: Callable[[Connection], None]) -> bool:
        """Whether the work was done: it is not where another writer is at work this moment.

        For notes that may as well be made a minute later, by somebody who must not wait.
        """
        try:
            with self.transaction(patience_seconds=0.001) as tx:
                work(tx)
        except OperationalError:
            return False
        return True

    def _leave_mark(self, connection: Connection) -> None:
        """Tell all processes that what they keep may be old; an earlier version had no marks."""
        if kept.is_changed(connection):
            self._has_marks = self._has_marks or inspect(connection).has_table("change_mark")
            if self._has_marks:
                kept.leave_mark(connection, is_long_work=self._is_long_work)

    def unhurried(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts of a long work; between two of them all who wait to write have their turn.

        PostgreSQL has no one lock of all writers: there a work rests that is to (``resting``).
        """
        for number, part in enumerate(parts):
            if number and self.is_sqlite:
                time.sleep(GAP_SECONDS)
                self._room.wait_until_empty(_LONGEST_GAP_SECONDS)
            elif number and self._rests is not None:
                self._rests.rest()
            yield part

    def _ask_guard(self, connection: Connection, *, ends: bool) -> None:
        if self._guard is not None:
            self._guard(connection, ends)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for one consistent view; what it changes is rolled back with the view."""
        return self._views.reading(self._view)

    @contextmanager
    def _view(self) -> Iterator[Connection]:
        with self._connected() as connection, kept.viewing(connection):
            if self.is_sqlite:
                tell(connection, "BEGIN")
                try:
                    yield connection
                finally:
                    roll_back(connection)
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin() as view:
                    yield connection
                    view.rollback()

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A connection that may write and of which nothing stays, in one view; no writer waits.

        What is written lies over what is on file (``overlay``); as short as one institution.
        """
        with self._apart() as connection:
            if self.is_sqlite:
                tell(connection, "BEGIN")
                overlay.open_over(connection)
                try:
                    yield connection
                finally:
                    overlay.close(connection)
                    roll_back(connection)
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin() as work:
                    overlay.open_over(connection)
                    try:
                        yield connection
                    finally:
                        overlay.close(connection)
                        work.rollback()

    def tidy(self) -> None:
        """Bring what SQLite wrote ahead into the database file, as far as nobody reads it."""
        if self.is_sqlite:
            with self._apart() as connection, patient(connection, 0):
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def bound_log(self) -> None:
        """Empty the log that SQLite writes ahead where it has grown.

        Left to itself SQLite begins the log anew only at a moment at which nobody reads: it may
        never come. What can be copied while others write is copied first; for the rest readers are
        waited for, and writers meanwhile wait, shortly; where a view is held for longer the log
        stays for the next time.
        """
        if self._file is None or size_of_log(self._file) <= LOG_MOST:
            return
        with self._apart() as connection, patient(connection, _LOG_PATIENCE_SECONDS):
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def take_stock(self, *, everything: bool = False, by_the_way: bool = False) -> None:
        """Let the database count again all tables, or what it noted to have changed much.

        Its planner goes by those counts: PostgreSQL would take minutes over what was imported just
        now, as its own look comes a minute later, and SQLite, which never looks by itself, would
        read the rows of a whole office for one institution.

        ``by_the_way``: only what has grown many times over, as SQLite always does, and not where
        another counts at the moment; for who has somebody wait for an answer.
        """
        if self.is_sqlite:
            with self.reading() as view:
                is_due = stock.has_grown(view, self._stock.numbers)
            if is_due:
                with self.transaction() as tx:
                    stock.count(tx)
            return
        if everything:
            with self._apart() as connection, connection.begin():
                connection.exec_driver_sql("ANALYZE")
            return
        if by_the_way and self._stock.is_recent():
            return
        due = stock.GROWN if by_the_way else stock.CHANGED_MUCH
        with self._apart() as connection:
            if by_the_way and not stock.list_due(connection, due):
                self._stock.note_none()
                return  # mostly, and then one statement is enough
            with stock.only_one(connection, waits=not by_the_way) as is_one:
                changed = stock.list_due(connection, due) if is_one else ()
                for name in changed:
                    with connection.begin():
                        connection.exec_driver_sql(f'ANALYZE "{name}"')

    def dispose(self) -> None:
        """Close all connections; what is opened afterwards may be another file."""
        self.engine.dispose()
        self._places.forget()


def file_bytes(database: Database) -> int:
    """The size of the file of a database of SQLite, without its log."""
    file = file_of(database.url)
    assert file is not None  # of a server nobody asks
    return file.stat().st_size
