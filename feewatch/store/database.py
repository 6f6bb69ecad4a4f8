"""The database and its one way to change: ``with database.transaction() as tx``.

Store functions take the connection and never commit. SQLite runs in WAL mode; a writer takes the
write lock at BEGIN, so two writers queue instead of failing half way.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

#: How long a writer waits for another writer before it gives up, in seconds.
BUSY_TIMEOUT_SECONDS = 60
#: How SQLite is set on every connection.
PRAGMAS: Mapping[str, str | int] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "temp_store": "MEMORY",
    "cache_size": -64000,
}

#: What ``transaction`` and ``reading`` give, and a row read by column names, for those who may
#: not import SQLAlchemy.
Transaction = Connection
Record = RowMapping


def is_of_machine(fault: Exception) -> bool:
    """Whether a fault tells of the machine or the database, not of the data to be kept."""
    if isinstance(fault, SQLAlchemyError):
        return not isinstance(fault, DataError)
    return isinstance(fault, OSError | MemoryError)


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

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _create(url, self.is_sqlite)

    @property
    def dialect(self) -> str:
        """The name by which the rule engine generates SQL: sqlite or postgres."""
        return "sqlite" if self.is_sqlite else "postgres"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end of the block, or not at all."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")
            else:
                with connection.begin():
                    yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for one consistent view; whatever it changes is rolled back."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin() as view:
                    yield connection
                    view.rollback()

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A connection that may write and of which nothing stays; as short as one institution."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
            else:
                with connection.begin() as work:
                    yield connection
                    work.rollback()

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _create(url: str, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        # temporary tables change shape under one name, which prepared statements do not survive
        return create_engine(url, pool_pre_ping=True, connect_args={"prepare_threshold": None})
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # sqlite3 would open transactions on its own and break BEGIN IMMEDIATE
        connection.isolation_level = None
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")

    return engine
