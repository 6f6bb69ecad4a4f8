"""DuckDB in memory, where the same facts are judged column by column: of a copy, or of Parquet.

Nothing is ever written back: what a check finds there it writes to the database as ever.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import select

from feewatch.store.check.allowance import InterruptedStatementError
from feewatch.store.check.arrow import is_read, laid_out, schema_of
from feewatch.store.check.column_view import ColumnView
from feewatch.store.check.engines import Columns, NumberTable
from feewatch.store.scope import of_institutions
from feewatch.store.tables import metadata

_KEYS = {"institution_id": "BIGINT"}
#: What is read from files; a temporary table of the same name stands before it.
_VIEWS = "SELECT view_name AS name FROM duckdb_views() WHERE NOT internal ORDER BY name"


class Columnar:
    """A DuckDB in memory on which an ``Evaluator`` runs as it does on the database itself."""

    dialect = "duckdb"
    #: What facts of so many rows add up to, before sums and joins: a gigabyte and a half.
    part_load: int | None = 4_000_000

    def __init__(self, duckdb: ModuleType, arrow: ModuleType, threads: int) -> None:
        self._duckdb, self._arrow = duckdb, arrow
        self._numbers = count(1)
        self._connection = duckdb.connect(config={"threads": threads})

    def copy(
        self,
        view: ColumnView,
        names: Mapping[str, Collection[str]],
        institutions: Collection[int] | None = None,
    ) -> int:
        """Copy columns of those of the names that are tables; how many rows they have.

        ``names``: words by name, among them the columns that are read, and any others.
        ``institutions``: of tables that tell whose a row is, the rows of these and of none; 0
        stands for none.
        """
        total = 0
        for table in (metadata.tables[name] for name in sorted(names) if name in metadata.tables):
            read = [
                each for each in table.columns if is_read(each) and each.name in names[table.name]
            ]
            query = select(*read)
            if "institution_id" in table.c:
                query = query.where(of_institutions(table.c.institution_id, institutions))
            part = view.read(query, schema_of(view.arrow, read))
            with self._part(part):
                self.run(f"CREATE TABLE {table.name} AS SELECT * FROM part")
            total += self.rows(f"SELECT COUNT(*) AS n FROM {table.name}")[0]["n"]
        return total

    def read(self, table: str, files: Sequence[Path]) -> None:
        """Let a table be what files of Parquet hold."""
        listed = ", ".join(_literal(str(file)) for file in files)
        self.run(
            f"CREATE VIEW {table} AS SELECT * FROM "
            f"read_parquet([{listed}], hive_partitioning = false)"
        )

    def take(self, institutions: Collection[int]) -> None:
        """Let tables hold the rows of these institutions alone, in memory; 0 stands for none.

        Tables that do not tell whose a row is stay as they are. Files that hold rows of others
        only are not opened further than to see that.
        """
        names = [row["name"] for row in self.rows(_VIEWS) if row["name"] in metadata.tables]
        of_none = " OR institution_id IS NULL" if 0 in institutions else ""
        with self._part(laid_out(self._arrow, _KEYS, [[each] for each in sorted(institutions)])):
            for name in names:
                if "institution_id" in metadata.tables[name].c:
                    self.keep(
                        name,
                        f"SELECT * FROM memory.main.{name} WHERE institution_id IN "
                        f"(SELECT part.institution_id FROM part){of_none}",
                    )

    def bound(self, memory_mb: int, scratch: Path) -> None:
        """Hold so much in memory and the rest in a folder, which goes with the database.

        What it reads and writes then comes in any order, for which it would have to hold more.
        """
        self.run(f"SET memory_limit = '{memory_mb}MB'")
        self.run(f"SET temp_directory = {_literal(str(scratch))}")
        self.run("SET preserve_insertion_order = false")
        self.run("SET enable_progress_bar = false")

    def write(self, sql: str, folder: Path) -> None:
        """Add the rows of a SELECT to a folder of Parquet."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"part-{next(self._numbers)}.parquet"
        self.run(f"COPY ({sql}) TO {_literal(str(path))} (FORMAT parquet)")

    def keep(self, name: str, select: str, indexes: Sequence[str] = ()) -> None:
        """Keep the rows of a SELECT under a name, in place of what stood there.

        Joins are made by hash: indexes would take a fifth of the time of judging.
        """
        del indexes
        self.run(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS {select}")

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
        with self._part(laid_out(self._arrow, columns, rows)):
            self.keep(name, "SELECT * FROM part", indexes)

    def run(self, sql: str) -> None:
        """Run a statement.

        Raises: InterruptedStatementError.
        """
        with self._told():
            self._connection.execute(sql)

    def rows(self, sql: str) -> list[Any]:
        """The rows of a SELECT by column names.

        Raises: InterruptedStatementError.
        """
        with self._told():
            result = self._connection.execute(sql)
            names = [each[0] for each in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def interrupt(self) -> None:
        """Break off the statement at work, from another thread."""
        self._connection.interrupt()

    @contextmanager
    def _part(self, rows: Any) -> Iterator[None]:
        """Rows of Arrow that statements of the block read as ``part``."""
        self._connection.register("part", rows)
        try:
            yield
        finally:
            self._connection.unregister("part")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._duckdb.InterruptException as fault:
            raise InterruptedStatementError from fault

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
