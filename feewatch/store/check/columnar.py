"""A copy of what rules read in DuckDB, in memory, where the same facts are judged column by column.

For analysis and benchmarks: nothing is ever written back.
"""

from collections.abc import Collection, Iterator, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Integer, Table, select

from feewatch.store.tables import metadata

#: Rows converted at once; bounds memory, not speed.
_CHUNK = 100_000


class Columnar:
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
        read = [each for each in table.columns if not isinstance(each.type, JSON)]
        schema = self._arrow.schema([(each.name, self._type(each.type)) for each in read])
        rows = tx.execute(select(*read).execution_options(yield_per=_CHUNK))
        yield schema.empty_table()
        for part in rows.partitions(_CHUNK):
            columns = zip(*part, strict=True)
            arrays = [
                self._arrow.array(values, type=field.type)
                for values, field in zip(columns, schema, strict=True)
            ]
            yield self._arrow.Table.from_arrays(arrays, schema=schema)

    def _type(self, kind: object) -> Any:
        if isinstance(kind, Boolean):
            return self._arrow.bool_()
        return self._arrow.int64() if isinstance(kind, Integer) else self._arrow.string()

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
