"""Where an evaluation runs: what it asks of a database, and the office's own one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, RowMapping, text

Columns = Mapping[str, str]  # name -> type, of the types that all databases know


class NumberTable(NamedTuple):
    """Rows of whole numbers, and the same as SQL writes them: on a server binds would cost more."""

    rows: Sequence[tuple[int, ...]]  # at least one
    written: str  # (1, 2), (3, 4)


class Engine(Protocol):
    """What an evaluation needs of a database."""

    def keep(self, name: str, select: str, indexes: Sequence[str] = ()) -> None:
        """Keep the rows of a SELECT under a name, in place of what stood there."""

    def forget(self, name: str) -> None:
        """Let go of what is kept under a name."""

    def lay_out(
        self,
        name: str,
        columns: Columns,
        rows: Sequence[Sequence[Any]] | NumberTable,
        indexes: Sequence[str] = (),
    ) -> None:
        """Set out rows under a name, in place of what stood there."""

    def rows(self, sql: str) -> list[Any]:
        """The rows of a SELECT by column names."""


class OnConnection:
    """The database itself, inside a transaction, with temporary tables and their indexes."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def keep(self, name: str, select: str, indexes: Sequence[str] = ()) -> None:
        """Keep the rows of a SELECT under a name, in place of what stood there."""
        self.forget(name)
        self.run(f"CREATE TEMPORARY TABLE {name} AS {select}")
        self._make_known(name, indexes)

    def forget(self, name: str) -> None:
        """Let go of what is kept under a name."""
        self.run(f"DROP TABLE IF EXISTS {name}")

    def lay_out(
        self,
        name: str,
        columns: Columns,
        rows: Sequence[Sequence[Any]] | NumberTable,
        indexes: Sequence[str] = (),
    ) -> None:
        """Set out rows under a name, in place of what stood there."""
        self.forget(name)
        described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.run(f"CREATE TEMPORARY TABLE {name} ({described})")
        if isinstance(rows, NumberTable):
            self._insert_numbers(name, rows)
        elif rows:
            self._insert(name, list(columns), rows)
        self._make_known(name, indexes)

    def run(self, sql: str) -> None:
        """Run a statement."""
        self._tx.exec_driver_sql(sql)

    def rows(self, sql: str) -> list[RowMapping]:
        """The rows of a SELECT by column names."""
        return list(self._tx.exec_driver_sql(sql).mappings())

    def _make_known(self, name: str, indexes: Sequence[str]) -> None:
        """Index a table and let the planner know of it."""
        for number, columns in enumerate(indexes, 1):
            self.run(f"CREATE INDEX {name}_by_{number} ON {name} ({columns})")
        self.run(f"ANALYZE {name}")

    def _insert_numbers(self, table: str, rows: NumberTable) -> None:
        """Insert numbers: SQLite binds them in a third of the time in which it reads them."""
        if self._tx.dialect.name == "sqlite":
            binds = ", ".join("?" * len(rows.rows[0]))
            self._tx.exec_driver_sql(f"INSERT INTO {table} VALUES ({binds})", [*rows.rows])
        else:
            self.run(f"INSERT INTO {table} VALUES {rows.written}")

    def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        binds = ", ".join(f":{column}" for column in columns)
        statement = text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({binds})")
        self._tx.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
