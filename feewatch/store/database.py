"""The database and its one way to change: ``with database.transaction() as tx``.

Store functions take the connection and never commit. SQLite runs in WAL mode; a writer takes the
write lock at BEGIN, so two writers queue instead of failing half way.
"""

import copy
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    RowMapping,
    create_engine,
    event,
    inspect,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DisconnectionError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from feewatch.kernel.errors import MachineError
from feewatch.store import chain, kept, overlay, resting, stock
from feewatch.store.numbers import read_whole_sums
from feewatch.store.opened import Places, is_writable
from feewatch.store.resting import RESTS, Rests, is_in_use
from feewatch.store.waiting_room import WaitingRoom
from feewatch.store.writers import (
    GAP_SECONDS,
    LOOK_SECONDS,
    WriterQueue,
    is_taken,
    refusing_late,
)

#: What SQLite calls a database that lies in no file.
IN_MEMORY = ":memory:"
#: How long a writer waits for another writer before it gives up, in seconds.
BUSY_TIMEOUT_SECONDS = 60
#: How SQLite is set on every connection.
PRAGMAS: Mapping[str, str | int] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "temp_store": "MEMORY",
    # what a long reader let grow is given back to the disk at the next checkpoint
    "journal_size_limit": 64 * 1024 * 1024,
}
#: Megabytes of pages that the connections of a process, or of all that serve, hold together.
CACHE_MB = 256
#: Connections that a process opens at most.
CONNECTIONS = 16
#: So many connections share the pages where a process does one work alone, such as a command.
_FEW = 4
#: SQLite's log is emptied beyond so many bytes, for which readers are waited for so long.
LOG_MOST = 32 * 1024 * 1024
_LOG_PATIENCE_SECONDS = 0.5
#: Of these, what asks a database that may be written.
_OF_WRITERS = frozenset({"journal_mode", "synchronous", "journal_size_limit"})

#: A long work lets others write for so long between two of its parts, and no longer.
_LONGEST_GAP_SECONDS = 1.0
#: How long who tries something waits for rows that another changes, in seconds.
_A_MOMENT = 0.5

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
        self._file = _file_of(self.url) if self.is_sqlite else None
        self._places = Places(*(path for path in (self._file, home) if path is not None))
        self.connections = connections
        self._pages = _Pages(cache_mb)
        self._room = WaitingRoom(self._file)
        self._rests: Rests | None = None
        self._backends: set[int] = set()  # of a server, those that work for this process
        self.engine = _create(
            self.url, self._file, self._places, self._pages, connections, self._backends,
            may_create=may_create,
        )  # fmt: skip
        chain.watch(self.engine)
        self.kept = kept.KeptAnswers()
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

    def resting(self, share: float) -> "Database":
        """The same database, for a long work that lets others have the server between statements.

        ``share``: seconds of rest, at the most, for each second that its statements take; it rests
        while others use the database, and never inside a transaction that writes. On SQLite a work
        is done in its own process, whose priority says the same.
        """
        patient = copy.copy(self)
        if not self.is_sqlite and share:
            patient._rests = Rests(share, self._is_used_by_others)
        return patient

    def _is_used_by_others(self) -> bool:
        """Whether another process has asked the server for anything just now."""
        with self.engine.connect() as connection:
            return is_in_use(connection, self._backends)

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
        with self._connected() as connection:
            if self.is_sqlite:
                with _write_lock(connection, self._room, queue, patience_seconds):
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
                        _roll_back(connection)
                        raise
                    connection.exec_driver_sql("COMMIT")
            else:
                with _turn_of(queue) as seconds_left, connection.begin():
                    limit = patience_seconds if seconds_left is None else seconds_left
                    if limit is not None:
                        _wait_no_longer(connection, limit)
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
                kept.leave_mark(connection)

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

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for one consistent view; whatever it changes is rolled back."""
        with self._connected() as connection:
            if self.is_sqlite:
                _tell(connection, "BEGIN")
                try:
                    yield connection
                finally:
                    _roll_back(connection)
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin() as view:
                    yield connection
                    view.rollback()

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A connection that may write and of which nothing stays; as short as one institution.

        On SQLite it takes no lock of writers: what is written lies over what is on file
        (``overlay``). On PostgreSQL it waits a moment for who changes the same rows.

        Raises: TryLaterError where another keeps them longer than that.
        """
        with self._connected() as connection:
            if self.is_sqlite:
                _tell(connection, "BEGIN")
                overlay.open_over(connection)
                try:
                    yield connection
                finally:
                    overlay.close(connection)
                    _roll_back(connection)
            else:
                with refusing_late(_A_MOMENT), connection.begin() as work:
                    _wait_no_longer(connection, _A_MOMENT)
                    yield connection
                    work.rollback()

    def tidy(self) -> None:
        """Bring what SQLite wrote ahead into the database file, as far as nobody reads it."""
        if self.is_sqlite:
            with self._connected() as connection, _patient(connection, 0):
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def bound_log(self) -> None:
        """Empty the log that SQLite writes ahead where it has grown.

        Left to itself SQLite begins the log anew only at a moment at which nobody reads: it may
        never come. Readers are waited for, and writers meanwhile wait, shortly; where a view is
        held for longer the log stays for the next time.
        """
        if self._file is None or _size_of_log(self._file) <= LOG_MOST:
            return
        with self._connected() as connection, _patient(connection, _LOG_PATIENCE_SECONDS):
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def take_stock(self, *, everything: bool = False) -> None:
        """Let the database count again all tables, or what it noted to have changed much.

        Its planner goes by those counts: PostgreSQL would take minutes over what was imported just
        now, as its own look comes a minute later, and SQLite, which never looks by itself, would
        read the rows of a whole office for one institution.
        """
        if self.is_sqlite:
            with self.reading() as view:
                is_due = stock.has_grown(view)
            if is_due:
                with self.transaction() as tx:
                    stock.count(tx)
            return
        if everything:
            with self._connected() as connection, connection.begin():
                connection.exec_driver_sql("ANALYZE")
            return
        with self._connected() as connection:
            with connection.begin():
                changed = connection.scalars(stock.CHANGED_MUCH).all()
            for name in changed:
                with connection.begin():
                    connection.exec_driver_sql(f'ANALYZE "{name}"')

    def dispose(self) -> None:
        """Close all connections; what is opened afterwards may be another file."""
        self.engine.dispose()
        self._places.forget()


@contextmanager
def _write_lock(
    connection: Connection,
    room: WaitingRoom,
    queue: WriterQueue | None,
    patience_seconds: float | None,
) -> Iterator[None]:
    """A transaction of SQLite begun with the one lock of writers, which another may have a while.

    Raises: TryLaterError where a limited number may wait.
    """
    with ExitStack() as own:
        waiting = own.enter_context(ExitStack())
        waiting.enter_context(room.inside())
        if queue is None:
            patience = BUSY_TIMEOUT_SECONDS if patience_seconds is None else patience_seconds
            _begin(connection, patience)
        else:
            turn = own.enter_context(queue.turn())
            with refusing_late(queue.patience_seconds):
                _begin(connection, turn.seconds_left)
            turn.has_begun = True
        waiting.close()
        yield


@contextmanager
def _turn_of(queue: WriterQueue | None) -> Iterator[float | None]:
    """A writer's turn at a server, and how long it may wait for locks; None: as long as it takes.

    Raises: TryLaterError.
    """
    if queue is None:
        yield None
        return
    with queue.turn() as turn, refusing_late(queue.patience_seconds):
        turn.has_begun = True
        yield turn.seconds_left


def _wait_no_longer(connection: Connection, seconds: float) -> None:
    """Let a transaction of PostgreSQL wait no longer for any lock; 0 would be for ever."""
    limit = max(int(seconds * 1000), 1)
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {limit}")


def _begin(connection: Connection, seconds: float) -> None:
    """Begin with the write lock, however many others ask for it, within so many seconds."""
    until = time.monotonic() + seconds
    with _patient(connection, 0):
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as fault:
                if not is_taken(fault) or time.monotonic() >= until:
                    raise
                time.sleep(LOOK_SECONDS)
            else:
                return


def _roll_back(connection: Connection) -> None:
    """End a view; SQLite has done so by itself where a statement that wrote was interrupted."""
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        _tell(connection, "ROLLBACK")


@contextmanager
def _patient(connection: Connection, seconds: float) -> Iterator[None]:
    """SQLite waits so long for a lock, and afterwards as long as it always does."""
    _tell(connection, f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        _tell(connection, f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")


def _tell(connection: Connection, word: str) -> None:
    """Set SQLite, begin or end a view, straight: a page does so several times; it cannot fail."""
    driver: Any = connection.connection.driver_connection
    driver.execute(word)


def place_of(url: str | URL) -> str:
    """Where a database is, for people; a password is not shown."""
    address = make_url(url)
    is_file = address.get_backend_name() == "sqlite" and address.database
    return str(address.database if is_file else address.render_as_string(hide_password=True))


def _file_of(url: URL) -> Path | None:
    """The file of a database of SQLite; None where it is held in memory."""
    held = url.database
    return Path(held) if held and held != IN_MEMORY else None


class _Pages:
    """How much of a database the connections of SQLite keep in memory."""

    def __init__(self, megabytes: int) -> None:
        self.sharers = _FEW
        self._megabytes = megabytes

    @property
    def kilobytes_each(self) -> int:
        """What one connection may hold."""
        return max(self._megabytes * 1024 // self.sharers, 1)


def file_bytes(database: Database) -> int:
    """The size of the file of a database of SQLite, without its log."""
    file = _file_of(database.url)
    assert file is not None  # of a server nobody asks
    return file.stat().st_size


def _size_of_log(file: Path) -> int:
    try:
        return _log_of(file).stat().st_size
    except FileNotFoundError:
        return 0


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _create(
    url: URL, file: Path | None, places: Places, pages: _Pages, connections: int,
    backends: set[int], *, may_create: bool,
) -> Engine:  # fmt: skip
    # the last one that was given back comes first: of few that are used the pages are in memory
    pool: dict[str, Any] = {"pool_size": connections, "max_overflow": 0, "pool_use_lifo": True}
    if url.get_backend_name() != "sqlite":
        # temporary tables change shape under one name, which prepared statements do not survive
        engine = create_engine(
            url, pool_pre_ping=True, connect_args={"prepare_threshold": None}, hide_parameters=True,
            **pool,
        )  # fmt: skip

        @event.listens_for(engine, "connect")
        def _begin_with(connection: Any, _: ConnectionPoolEntry) -> None:
            read_whole_sums(connection)
            # a rule book is hundreds of statements run once each: compiling them took a sixth
            connection.execute("SET jit = off")
            backends.add(connection.execute("SELECT pg_backend_pid()").fetchone()[0])
            connection.commit()
            places.note()

        resting.watch(engine)
        _listen(engine)
        return engine
    if file is not None and may_create:
        file.parent.mkdir(parents=True, exist_ok=True)
    settings = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    if file is None:
        engine = create_engine(url, connect_args=settings, hide_parameters=True)
    else:

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(_address(file, may_create=may_create), uri=True, **settings)  # type: ignore[call-overload, no-any-return]

        # payers and memos stand in parameters: no message or trace shows any
        engine = create_engine(url, creator=connect, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # sqlite3 would open transactions on its own and break BEGIN IMMEDIATE
        connection.isolation_level = None
        is_open = file is None or is_writable(file)
        for name, value in PRAGMAS.items():
            if is_open or name not in _OF_WRITERS:
                connection.execute(f"PRAGMA {name}={value}")
        entry.info.update(is_open=is_open, kilobytes=None)
        places.note()

    @event.listens_for(engine, "checkout")
    def _look(
        connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
    ) -> None:
        """Open anew what was opened read-only, once it may be written, and the other way round."""
        if file is not None and entry.info["is_open"] != is_writable(file):
            raise DisconnectionError
        if entry.info["kilobytes"] != pages.kilobytes_each:
            entry.info["kilobytes"] = pages.kilobytes_each
            assert isinstance(connection, sqlite3.Connection)
            connection.execute(f"PRAGMA cache_size = {-pages.kilobytes_each}")

    _listen(engine)
    return engine


def _listen(engine: Engine) -> None:
    """Let every statement be looked at: whether it writes what kept answers rest on."""

    @event.listens_for(engine, "before_cursor_execute")
    def _note(connection: Connection, _: object, statement: str, *__: object) -> None:
        kept.note(connection, statement)
        overlay.note(connection, statement)


def _address(file: Path, *, may_create: bool) -> str:
    """The file as SQLite is to open it: of a read-only folder as it lies, without a log of its own.

    A file that is not there is made by ``init`` alone: another process would take it for empty.
    """
    if is_writable(file):
        mode = "mode=rwc" if may_create else "mode=rw"
    else:
        mode = "mode=ro" if _size_of_log(file) else "mode=ro&immutable=1"
    return f"file:{quote(os.fspath(file))}?{mode}"
