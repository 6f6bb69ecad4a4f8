"""DuckDB in memory, where the same facts are judged column by column: of a copy, or of Parquet.

For analysis and benchmarks: nothing is ever written back.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Table, select

from feewatch.store.check.arrow import arrow_table, is_read, schema_of
from feewatch.store.check.engines import TemporaryTables
from feewatch.store.tables import metadata

#: Rows converted at once; bounds memory, not speed.
_CHUNK = 100_000


class Columnar(TemporaryTables):
    """A DuckDB in memory on which an ``Evaluator`` runs as it does on the database itself."""

    dialect = "duckdb"

    def __init__(self, duckdb: ModuleType, arrow: ModuleType, threads: int) -> None:
        self._arrow = arrow
        self._connection = duckdb.connect(config={"threads": threads})

    def copy(self, tx: Connection, names: Collection[str]) -> int:
        """Copy those of the names that are tables; how many rows they have."""
        total = 0
        for table in (metadata.tables[name] for name in names if name in metadata.tables):
            for number, part in enumerate(self._parts(tx, table)):
                self._connection.register("part", part)
                verb = f"INSERT INTO {table.name}" if number else f"CREATE TABLE {table.name} AS"
                self._connection.execute(f"{verb} SELECT * FROM part")
                self._connection.unregister("part")
                total += part.num_rows
        return total

    def _parts(self, tx: Connection, table: Table) -> Iterator[Any]:
        """The rows of a table as Arrow tables, at least an empty one."""
        schema = schema_of(self._arrow, table)
        read = [column for column in table.columns if is_read(column)]
        rows = tx.execute(select(*read).execution_options(yield_per=_CHUNK))
        yield schema.empty_table()
        yield from (arrow_table(self._arrow, schema, part) for part in rows.partitions(_CHUNK))

    def read(self, table: str, files: Sequence[Path]) -> None:
        """Let a table be what files of Parquet hold."""
        listed = ", ".join(_literal(str(file)) for file in files)
        self.run(
            f"CREATE VIEW {table} AS SELECT * FROM "
            f"read_parquet([{listed}], hive_partitioning = false)"
        )

    def write(self, sql: str, folder: Path) -> None:
        """Write the rows of a SELECT as a folder of Parquet."""
        folder.mkdir(parents=True)
        self.run(f"COPY ({sql}) TO {_literal(str(folder / 'part.parquet'))} (FORMAT parquet)")

    def run(self, sql: str) -> None:
        """Run a statement."""
        self._connection.execute(sql)

    def rows(self, sql: str) -> list[Any]:
        """The rows of a SELECT by column names."""
        result = self._connection.execute(sql)
        names = [each[0] for each in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows given as the values of these columns."""
        arrays = [self._arrow.array(values) for values in zip(*rows, strict=True)]
        self._connection.register("part", self._arrow.Table.from_arrays(arrays, list(columns)))
        self._connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM part")
        self._connection.unregister("part")

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
