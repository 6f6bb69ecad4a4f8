"""Many rows into one table at the speed of the database driver."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Integer, Table, func, insert, select

from feewatch.store import kept, overlay
from feewatch.store.chain import note_history
from feewatch.store.tables import metadata

#: From so many rows on PostgreSQL copies them: before, COPY saves nothing that one would notice.
_COPIED = 1_000
#: No more than so many go in one statement there: COPY goes to and fro twice, also for one row.
_FEW = 100
#: Rows of one statement of SQLite where there are as many: 40 take a third less than one for each,
#: 240 a few per cent less than these.
_TOGETHER = (240, 40)
#: Rows of all tables that wait to be inserted.
_MOST_WAITING = 20_000


def insert_rows(
    tx: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows given as the values of these columns; values are bound, nothing is converted."""
    preparer = tx.dialect.identifier_preparer
    names = ", ".join(map(preparer.quote, columns))
    target = f"{preparer.format_table(table)} ({names})"
    rest = iter(rows)
    if tx.dialect.name == "postgresql":
        first = list(islice(rest, _FEW + 1))
        if len(first) > _FEW:
            _copy(tx, f"COPY {target} FROM STDIN", chain(first, rest))
        elif first:
            _insert_few(tx, target, first)
        return
    places = f"({', '.join('?' for _ in columns)})"
    command = f"INSERT INTO {target} VALUES {places}"
    for number in _TOGETHER:
        left: list[Sequence[Any]] = []
        some = list(islice(rest, number))
        if len(some) == number:
            many = _flattened(chain(some, rest), number, left)
            _execute_many(tx, f"{command}{f', {places}' * (number - 1)}", many)
        else:
            left = some
        rest = iter(left)
    _execute_many(tx, command, rest)


def _flattened(
    rows: Iterator[Sequence[Any]], number: int, left: list[Sequence[Any]]
) -> Iterator[list[Any]]:
    """The values of so many rows together; the last ones, that are fewer, are left over."""
    while len(some := list(islice(rows, number))) == number:
        yield list(chain.from_iterable(some))
    left += some


def insert_values(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by the names of their columns, which all of them have alike.

    On PostgreSQL very many are copied, with the same values in the same transaction.
    """
    if not rows:
        return
    names = list(rows[0])
    # what Python would add to each row is left to SQLAlchemy
    is_told = all(column.default is None or column.name in rows[0] for column in table.c)
    if tx.dialect.name != "postgresql" or len(rows) < _COPIED or not is_told:
        insert_each(tx, table, rows)
        return
    note_history(tx, table.name)
    bound = [_processor(tx, table, name) for name in names]
    values = ([bind(row[name]) for bind, name in zip(bound, names, strict=True)] for row in rows)
    insert_rows(tx, table, names, values)


def insert_each(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by the names of their columns by one statement for all."""
    tx.execute(insert(table), rows)


def _processor(tx: Connection, table: Table, name: str) -> Callable[[Any], Any]:
    """What makes of a value of a column that which the driver is given."""
    column = table.c[name]
    made = column.type.dialect_impl(tx.dialect).bind_processor(tx.dialect)
    return made or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def update_rows(
    tx: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Let rows have these values of these columns, each row's key standing last."""
    place = "%s" if tx.dialect.name == "postgresql" else "?"
    target = tx.dialect.identifier_preparer.format_table(table)
    values = ", ".join(f"{name} = {place}" for name in columns)
    _execute_many(tx, f"UPDATE {target} SET {values} WHERE id = {place}", rows)


def count_rows(tx: Connection, table: Table) -> int:
    """How many rows a table holds."""
    return tx.scalars(select(func.count()).select_from(table)).one()


def last_key(tx: Connection, table: Table) -> int:
    """The largest surrogate key of a table, 0 of an empty one."""
    key: int = tx.scalars(select(func.coalesce(func.max(table.c.id), 0))).one()
    return key


def _execute_many(tx: Connection, command: str, rows: Iterable[Sequence[Any]]) -> None:
    kept.note(tx, command)
    overlay.note(tx, command)
    cursor: Any = tx.connection.cursor()
    try:
        cursor.executemany(command, rows)
    finally:
        cursor.close()


def _insert_few(tx: Connection, target: str, rows: Sequence[Sequence[Any]]) -> None:
    places = f"({', '.join('%s' for _ in rows[0])})"
    command = f"INSERT INTO {target} VALUES {', '.join([places] * len(rows))}"
    kept.note(tx, command)
    overlay.note(tx, command)
    cursor: Any = tx.connection.cursor()
    try:
        cursor.execute(command, list(chain.from_iterable(rows)))
    finally:
        cursor.close()


def _copy(tx: Connection, command: str, rows: Iterable[Sequence[Any]]) -> None:
    written = command.replace("COPY", "INSERT INTO", 1)
    kept.note(tx, written)
    overlay.note(tx, written)
    connection: Any = tx.connection
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)


def fill(
    tx: Connection,
    columns: Mapping[str, Sequence[str]],
    parts: Iterable[Mapping[str, Sequence[Sequence[Any]]]],
) -> int:
    """Insert rows of several tables at once, part by part; how many they were."""
    waiting: dict[str, list[Sequence[Any]]] = {name: [] for name in columns}
    total = 0
    for part in parts:
        for name, rows in part.items():
            waiting[name] += rows
        if sum(map(len, waiting.values())) >= _MOST_WAITING:
            total += _flush(tx, columns, waiting)
    total += _flush(tx, columns, waiting)
    _go_on_after(tx, [name for name, named in columns.items() if "id" in named])
    return total


def _go_on_after(tx: Connection, names: Iterable[str]) -> None:
    """Let PostgreSQL number later rows after those that brought their keys along."""
    if tx.dialect.name != "postgresql":
        return
    for name in names:
        key = metadata.tables[name].c.id
        if isinstance(key.type, Integer) and (last := last_key(tx, key.table)):
            tx.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), last)))


def _flush(
    tx: Connection,
    columns: Mapping[str, Sequence[str]],
    waiting: Mapping[str, list[Sequence[Any]]],
) -> int:
    total = 0
    for table in metadata.sorted_tables:  # what others point to comes first
        if rows := waiting.get(table.name):
            insert_rows(tx, table, columns[table.name], rows)
            total += len(rows)
            rows.clear()
    return total
