"""Rows of our tables as Arrow: whole numbers, truths and texts; what is JSON no rule reads."""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer

from feewatch.store.check.engines import Columns, NumberTable


def is_read(column: Column[Any]) -> bool:
    """Whether rules may read a column."""
    return not isinstance(column.type, JSON)


def schema_of(arrow: ModuleType, columns: Iterable[Column[Any]]) -> Any:
    """The Arrow schema of those of the columns that rules may read."""
    return arrow.schema(
        [(column.name, _type(arrow, column.type)) for column in columns if is_read(column)]
    )


def laid_out(
    arrow: ModuleType, columns: Columns, rows: Sequence[Sequence[Any]] | NumberTable
) -> Any:
    """What an evaluation sets out, as an Arrow table: texts and whole numbers."""
    given = rows.rows if isinstance(rows, NumberTable) else rows
    schema = arrow.schema(
        [
            (name, arrow.string() if kind == "TEXT" else arrow.int64())
            for name, kind in columns.items()
        ]
    )
    return arrow_table(arrow, schema, given) if given else schema.empty_table()


def arrow_table(arrow: ModuleType, schema: Any, rows: Sequence[Sequence[Any]]) -> Any:
    """Rows, of which there is one at least, as an Arrow table."""
    columns = zip(*rows, strict=True)
    arrays = [
        arrow.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)
    ]
    return arrow.Table.from_arrays(arrays, schema=schema)


def _type(arrow: ModuleType, kind: object) -> Any:
    if isinstance(kind, Boolean):
        return arrow.bool_()
    return arrow.int64() if isinstance(kind, Integer) else arrow.string()
