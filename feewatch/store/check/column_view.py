"""One moment of the database, for queries of ours and, column by column, as Arrow."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Select, SelectBase, literal_column, select, text, union_all

from feewatch.kernel.extras import library
from feewatch.store.check.column_reader import Address, ColumnReader, unread
from feewatch.store.database import Database

#: What stands in the row that tells ADBC the types of SQLite's columns: it guesses them from the
#: first rows, of which all may be empty. No row of ours holds such numbers.
_NUMBER, _LETTER = -(1 << 62), "…"
#: The column by which that row comes first where rows are ordered.
_PLACE = "place_in_order"


class ColumnView:
    """A moment of the database: rows by the transaction, columns by a reader beside it."""

    def __init__(self, tx: Connection, arrow: ModuleType, reader: ColumnReader) -> None:
        self.tx = tx
        self.arrow = arrow
        self._reader = reader
        self._is_sqlite = tx.dialect.name == "sqlite"
        kind: Any = type(tx.dialect)
        self._dialect = kind(paramstyle="named")

    def read(self, query: Select[Any], schema: Any, order: Sequence[str] = ()) -> Any:
        """The rows of a query as a reader of Arrow batches of this schema.

        ``order``: names of the schema by which the rows are ordered; without any they are not.

        Raises: MachineError, also while it is read.
        """
        if not self._is_sqlite:
            return self._reader.read(self._written(query.order_by(*map(text, order))), schema)
        head = [_LETTER if self.arrow.types.is_string(each.type) else _NUMBER for each in schema]
        named = zip(schema.names, head, strict=True)
        first: Any = select(*(literal_column(repr(value)).label(name) for name, value in named))
        whole: Any = union_all(first, query)
        if order:  # the row that tells the types stands before all others
            both = union_all(
                first.add_columns(literal_column("0").label(_PLACE)),
                query.add_columns(literal_column("1").label(_PLACE)),
            ).subquery()
            by = (both.c[name] for name in (_PLACE, *order))
            whole = select(*(both.c[name] for name in schema.names)).order_by(*by)
        return self._reader.read(self._written(whole), schema, head)

    def _written(self, query: SelectBase) -> str:
        # where parameters have names, no percent sign is doubled
        compiled = query.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True})
        return str(compiled)


@contextmanager
def viewing_columns(database: Database) -> Iterator[ColumnView]:
    """The database as it is at one moment; whatever the transaction changes is rolled back.

    Raises: UnavailableError where the extra ``scale`` is not installed, MachineError.
    """
    arrow = library("pyarrow", "scale")
    with ExitStack() as opened:
        reader = ColumnReader(_address_of(database))
        try:
            if database.is_sqlite:
                with database.transaction():  # nobody commits until both have their snapshot
                    tx = opened.enter_context(database.reading())
                    tx.exec_driver_sql(_LOOK)
                    reader.begin([_LOOK])
            else:
                tx = opened.enter_context(database.reading())
                snapshot = tx.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
                reader.begin([_REPEATABLE, f"SET TRANSACTION SNAPSHOT '{snapshot}'"])
            yield ColumnView(tx, arrow, reader)
        except BaseException as fault:
            if told := reader.close():
                raise unread(told) from fault
            raise
        reader.close()


_LOOK = "SELECT COUNT(*) FROM sqlite_schema"
_REPEATABLE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


def _address_of(database: Database) -> Address:
    if not database.is_sqlite:
        url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Address("adbc_driver_postgresql.dbapi", url)
    with database.reading() as tx:
        # however the file was named: where it lies
        files = {row.name: row.file for row in tx.exec_driver_sql("PRAGMA database_list")}
    return Address("adbc_driver_sqlite.dbapi", f"file:{quote(files['main'])}?mode=ro")
