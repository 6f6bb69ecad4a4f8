"""Tables that rules read, as Parquet: a part by district and month, named by its own hash.

A part that holds the same rows has the same bytes and the same name, so that a second export
writes what differs alone.
"""

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, func, literal, select

from feewatch.kernel.days import format_day
from feewatch.store.check.arrow import arrow_table, is_read, schema_of
from feewatch.store.tables import metadata
from feewatch.store.tables.registers import institution_fact

#: Rows converted at once; bounds memory, not speed.
_CHUNK = 50_000
#: The day by which the rows of a table that grows with time lie in months.
_DAYS = {"entry": "booked_on", "account_day": "day", "lesson": "held_on", "match": "booked_on"}
_NAME = 16  # letters of a hash that tell parts apart


Rows = list[tuple[Any, ...]]


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


def write_table(tx: Connection, arrow: Arrow, name: str, folder: Path) -> list[Part]:
    """Write a table below a folder; its parts, of which there is one at least."""
    table = metadata.tables[name]
    schema = schema_of(arrow.arrow, table.columns)
    parts = [
        _write(arrow, schema, folder, f"tables/{name}/{place}", slices)
        for place, slices in _by_place(tx, table)
    ]
    return parts or [_write(arrow, schema, folder, f"tables/{name}/", iter([]))]


def _by_place(tx: Connection, table: Table) -> Iterator[tuple[str, Iterator[Rows]]]:
    """The rows by the place at which they lie, in slices."""
    rows = tx.execute(_query(table).execution_options(yield_per=_CHUNK))
    slices = (
        (place, [row[2:] for row in group])
        for chunk in rows.partitions(_CHUNK)
        for place, group in groupby(chunk, _place)
    )
    for place, group in groupby(slices, lambda one: one[0]):
        yield place, (rows for _, rows in group)


def _query(table: Table) -> Select[Any]:
    """District, day and columns of each row, in an order that is always the same."""
    read = [column for column in table.columns if is_read(column)]
    day = table.c[_DAYS[table.name]] if table.name in _DAYS else literal(None)
    keys = [column for column in read if column.primary_key] or read
    if "institution_id" not in table.c:
        return select(literal(None), day, *read).order_by(*keys)
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
    ordered = [places.c.district, *([day] if table.name in _DAYS else []), *keys]
    return select(places.c.district, day, *read).select_from(rows).order_by(*ordered)


def _place(row: Row[*tuple[Any, ...]]) -> str:
    """Where a row lies below its table, after Hive's manner."""
    district, day = row[0], row[1]
    month = f"month={format_day(day)[:7]}/" if day is not None else ""
    return (f"district={district}/" if district else "") + month


def _write(arrow: Arrow, schema: Any, folder: Path, place: str, slices: Iterator[Rows]) -> Part:
    """Write one part; under its name it is whole, or what stood there was."""
    at = folder / place
    at.mkdir(parents=True, exist_ok=True)
    building = at / "building"
    count = 0
    with arrow.parquet.ParquetWriter(building, schema, compression="zstd") as writer:
        for rows in slices:
            writer.write_table(arrow_table(arrow.arrow, schema, rows))
            count += len(rows)
    with building.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    name = f"{place}{sha256[:_NAME]}.parquet"
    building.replace(folder / name)
    return Part(name, count, sha256)


def write_findings(tx: Connection, arrow: Arrow, sql: str, folder: Path) -> None:
    """Write what ``Evaluator.findings`` selects as a folder of Parquet."""
    folder.mkdir(parents=True)
    schema = arrow.arrow.schema([(name, getattr(arrow.arrow, t)()) for name, t in _FINDING.items()])
    rows = tx.exec_driver_sql(sql, execution_options={"yield_per": _CHUNK})
    with arrow.parquet.ParquetWriter(folder / "part.parquet", schema) as writer:
        for chunk in rows.partitions(_CHUNK):
            writer.write_table(arrow_table(arrow.arrow, schema, chunk))
