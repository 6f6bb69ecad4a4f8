"""Tables that rules read, as Parquet: a part by district and month, named by its own hash.

A part that holds the same rows has the same bytes and the same name: a second export reads all
rows and lays down what differs alone, so that who copies the folder copies no more than that.
"""

import filecmp
import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, null, select

from feewatch.kernel.days import format_day
from feewatch.store.check.arrow import arrow_table, is_read, schema_of
from feewatch.store.check.column_view import ColumnView
from feewatch.store.tables import metadata
from feewatch.store.tables.registers import institution_fact

#: Where parts lie below the folder of an export.
TABLES = "tables"
#: Rows converted at once; bounds memory, not speed.
_CHUNK = 50_000
#: Rows of a group inside a part: with another number equal rows would have other bytes.
_GROUP = 50_000
_DISTRICT, _DAY = "district_of_part", "day_of_part"
#: The day by which the rows of a table that grows with time lie in months.
_DAYS = {"entry": "booked_on", "account_day": "day", "lesson": "held_on", "match": "booked_on"}
_NAME = 16  # letters of a hash that tell parts apart


Slice = tuple[str, Any]  # a place, and a batch of rows of it


class Part(NamedTuple):
    """A file of rows."""

    path: str  # below the folder of the export, with slashes
    rows: int
    sha256: str


#: What ``Evaluator.findings`` gives, by the names of Arrow's types.
_FINDING = {
    "rule": "string", "uscc": "string", "district": "string", "subject_kind": "string",
    "subject_id": "string", "on_day": "int64", "outcome": "string", "reason": "int64",
    "cleared_on": "int64", "severity": "string", "measured": "int64", "measured_over": "int64",
    "limit_value": "int64", "limit_value_over": "int64", "amount_fen": "int64",
}  # fmt: skip


class Arrow(NamedTuple):
    """The two modules of pyarrow that parts are written with."""

    arrow: ModuleType
    parquet: ModuleType


def is_table(name: str) -> bool:
    """Whether what a fact reads is one of our tables, and not laid out for it."""
    return name in metadata.tables


def write_table(view: ColumnView, arrow: Arrow, name: str, folder: Path) -> list[Part]:
    """Let a table lie below a folder; its parts, of which there is one at least.

    Parts that lie there as they would be written are left alone.
    """
    table = metadata.tables[name]
    read = [column for column in table.columns if is_read(column)]
    schema = schema_of(arrow.arrow, read)
    parts = [
        _write(arrow, schema, folder, f"{TABLES}/{name}/{place}", slices)
        for place, slices in groupby(_by_place(view, table, read), lambda one: one[0])
    ]
    return parts or [_write(arrow, schema, folder, f"{TABLES}/{name}/", iter([]))]


def _by_place(view: ColumnView, table: Table, read: Sequence[Column[Any]]) -> Iterator[Slice]:
    """Rows with the place at which they lie, place by place, as they come."""
    arrow = view.arrow
    placed = [(_DISTRICT, arrow.string()), (_DAY, arrow.int64()), *schema_of(arrow, read)]
    names = [column.name for column in read]
    keys = [column.name for column in read if column.primary_key] or names
    order = [_DISTRICT, *([_DAY] if table.name in _DAYS else []), *keys]
    for batch in view.read(_query(table, read), arrow.schema(placed), order):
        where = zip(batch[_DISTRICT].to_pylist(), batch[_DAY].to_pylist(), strict=True)
        first = 0
        for place, rows in groupby(map(_place, where)):
            count = len(list(rows))
            yield place, batch.select(names).slice(first, count)
            first += count


def _query(table: Table, read: Sequence[Column[Any]]) -> Select[Any]:
    """District, day and columns of each row."""
    day: ColumnElement[Any] = table.c[_DAYS[table.name]] if table.name in _DAYS else null()
    if "institution_id" not in table.c:
        return select(null().label(_DISTRICT), day.label(_DAY), *read)
    fact = institution_fact.alias()
    last = select(fact.c.institution_id, func.max(fact.c.valid_from).label("since"))
    lasts = last.group_by(fact.c.institution_id).subquery()
    held = institution_fact.alias()
    places = (
        select(held.c.institution_id, held.c.district)
        .join(
            lasts,
            (held.c.institution_id == lasts.c.institution_id)
            & (held.c.valid_from == lasts.c.since),
        )
        .subquery()
    )
    rows = table.outerjoin(places, table.c.institution_id == places.c.institution_id)
    return select(places.c.district.label(_DISTRICT), day.label(_DAY), *read).select_from(rows)


@lru_cache(maxsize=4096)
def _place(where: tuple[str | None, int | None]) -> str:
    """Where a row lies below its table, after Hive's manner."""
    district, day = where
    month = f"month={format_day(day)[:7]}/" if day is not None else ""
    return (f"district={district}/" if district else "") + month


def _write(arrow: Arrow, schema: Any, folder: Path, place: str, slices: Iterator[Slice]) -> Part:
    """Let one part lie there; under its name it is whole, or what stood there was."""
    at = folder / place
    at.mkdir(parents=True, exist_ok=True)
    building = at / "building"
    count = 0
    with arrow.parquet.ParquetWriter(building, schema, compression="zstd") as writer:
        for group in _in_groups(arrow, (rows for _, rows in slices)):
            writer.write_table(group)
            count += group.num_rows
    with building.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    name = f"{place}{sha256[:_NAME]}.parquet"
    if (folder / name).is_file() and filecmp.cmp(building, folder / name, shallow=False):
        building.unlink()
    else:  # also what was spoilt under its name
        building.replace(folder / name)
    return Part(name, count, sha256)


def _in_groups(arrow: Arrow, slices: Iterator[Any]) -> Iterator[Any]:
    """The rows of a part as tables of so many rows, wherever the batches they came in ended."""
    waiting: list[Any] = []
    for rows in slices:
        waiting.append(rows)
        while sum(each.num_rows for each in waiting) >= _GROUP:
            whole = arrow.arrow.Table.from_batches(waiting)
            yield whole.slice(0, _GROUP).combine_chunks()
            waiting = whole.slice(_GROUP).to_batches()
    if waiting:
        yield arrow.arrow.Table.from_batches(waiting).combine_chunks()


def write_findings(tx: Connection, arrow: Arrow, sql: str, folder: Path) -> None:
    """Write what ``Evaluator.findings`` selects as a folder of Parquet."""
    folder.mkdir(parents=True)
    schema = arrow.arrow.schema([(name, getattr(arrow.arrow, t)()) for name, t in _FINDING.items()])
    rows = tx.exec_driver_sql(sql, execution_options={"yield_per": _CHUNK})
    with arrow.parquet.ParquetWriter(folder / "part.parquet", schema) as writer:
        for chunk in rows.partitions(_CHUNK):
            writer.write_table(arrow_table(arrow.arrow, schema, chunk))
