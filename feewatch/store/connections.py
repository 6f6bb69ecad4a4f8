"""How connections to a database are opened and set, and where its file lies."""

import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from feewatch.store import kept, overlay, resting
from feewatch.store.locks import BUSY_TIMEOUT_SECONDS
from feewatch.store.numbers import read_whole_sums
from feewatch.store.opened import Places, is_writable

#: What SQLite calls a database that lies in no file.
IN_MEMORY = ":memory:"
#: How SQLite is set on every connection.
PRAGMAS: Mapping[str, str | int] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "temp_store": "MEMORY",
    # what a long reader let grow is given back to the disk at the next checkpoint
    "journal_size_limit": 64 * 1024 * 1024,
}
#: Of these, what asks a database that may be written.
_OF_WRITERS = frozenset({"journal_mode", "synchronous", "journal_size_limit"})
#: So many connections share the pages where a process does one work alone, such as a command.
_FEW = 4
#: A connection that was used so lately is taken to be there still; under this name it knows when.
_RESTED_SECONDS, _USED = 1.0, "feewatch.used"
#: What each connection tells PostgreSQL of itself.
_SETTINGS = (
    # a rule book is hundreds of statements run once each: compiling them took a sixth
    "jit = off",
    # what an office asks for lies in memory: for a row of an index the server would otherwise
    # rather go through a whole table
    "random_page_cost = 1.1",
    # one statement of a check in three processes leaves none for those who wait for a page
    "max_parallel_workers_per_gather = 0",
)


def place_of(url: str | URL) -> str:
    """Where a database is, for people; a password is not shown."""
    address = make_url(url)
    is_file = address.get_backend_name() == "sqlite" and address.database
    return str(address.database if is_file else address.render_as_string(hide_password=True))


def file_of(url: URL) -> Path | None:
    """The file of a database of SQLite; None where it is held in memory."""
    held = url.database
    return Path(held) if held and held != IN_MEMORY else None


class Pages:
    """How much of a database the connections of SQLite keep in memory."""

    def __init__(self, megabytes: int) -> None:
        self.sharers = _FEW
        self._megabytes = megabytes

    @property
    def kilobytes_each(self) -> int:
        """What one connection may hold."""
        return max(self._megabytes * 1024 // self.sharers, 1)


def size_of_log(file: Path) -> int:
    """The size of what SQLite has written ahead of its file."""
    try:
        return _log_of(file).stat().st_size
    except FileNotFoundError:
        return 0


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def make_engine(
    url: URL, file: Path | None, places: Places, pages: Pages, connections: int,
    *, may_create: bool,
) -> Engine:  # fmt: skip
    """The connections of a database, each set as it has to be."""
    # the last one that was given back comes first: of few that are used the pages are in memory
    pool: dict[str, Any] = {"pool_size": connections, "max_overflow": 0, "pool_use_lifo": True}
    if url.get_backend_name() != "sqlite":
        # temporary tables change shape under one name, which prepared statements do not survive
        engine = create_engine(
            url, connect_args={"prepare_threshold": None}, hide_parameters=True, **pool
        )

        own, asked_for = token_hex(4), url.query.get("application_name", "feewatch")

        @event.listens_for(engine, "connect")
        def _begin_with(connection: Any, entry: ConnectionPoolEntry) -> None:
            read_whole_sums(connection)
            # a server that began anew gives numbers of its processes once more: sessions of this
            # process know each other by name; its own part comes first, as long ones are cut
            named = f"{own}-{os.getpid()} {asked_for}"
            connection.execute("SELECT set_config('application_name', %s, FALSE)", [named])
            for setting in _SETTINGS:
                connection.execute(f"SET {setting}")
            connection.commit()
            entry.info[_USED] = time.monotonic()
            places.note()

        _ask_rested(engine)
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


def _ask_rested(engine: Engine) -> None:
    """Open anew what a server has closed while nobody used it, as one that began anew has.

    Who was answered a moment ago is not asked: that would be a way to the server and back for each
    of the many short views of a page.
    """

    @event.listens_for(engine, "checkin")
    def _note_use(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_USED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(
        connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
    ) -> None:
        if time.monotonic() - entry.info[_USED] < _RESTED_SECONDS:
            return
        try:
            is_there = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as fault:
            if not engine.dialect.is_disconnect(fault, connection, None):
                raise
            is_there = False
        if not is_there:
            raise InvalidatePoolError


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
        mode = "mode=ro" if size_of_log(file) else "mode=ro&immutable=1"
    return f"file:{quote(os.fspath(file))}?{mode}"
