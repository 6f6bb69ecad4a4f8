"""Which rows the chain of the audit trail vouches for, and the hash by which it does.

Rows of history never change: each is covered once, by the act that wrote it. Of what does change,
an alert, a decision, a case, the columns that only a step with a history row changes are covered
anew with each such row, so that the last cover is what must stand. Of a statement it is the rows
of the bank. Empty columns are left out of a hash: a column that a later release adds changes none.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, select

from feewatch.publication.signing import canonical
from feewatch.store.scope import listed
from feewatch.store.tables import metadata

#: Tables of which no row is ever changed or taken away.
HISTORY = (
    "alert_event", "attachment", "case_event", "clue_event", "confirmation_draw",
    "confirmation_letter", "coverage_confirmation", "decision_event", "decision_objection_event",
    "decision_objection_file", "edition", "erased", "erasure_event", "grade_event", "grade_file",
    "issued_report", "matter_answer", "opening_row", "paper_service", "proposal_event",
    "register_change", "register_import", "standing_order", "unmasking", "checklist_version",
    "group_move", "visit", "visit_draw", "visit_photo", "visit_result",
)  # fmt: skip


class Kept(NamedTuple):
    """Columns of a row that changes only together with a row of its history."""

    history: str
    link: str  # the column of the history that names the row
    columns: tuple[str, ...]


KEPT: Mapping[str, Kept] = {
    "alert": Kept(
        "alert_event", "alert_id",
        ("rule", "rule_version", "authority", "uscc", "district", "subject_kind", "subject_id",
         "on_day", "measured", "limit_value", "unit", "severity", "frozen", "amount_fen",
         "opened_at", "opened_as_of"),
    ),
    "case_file": Kept("case_event", "case_file_id", ("number", "uscc", "district", "opened_at")),
    "decision": Kept(
        "decision_event", "decision_id",
        ("list", "uscc", "name", "district", "document", "decided_on", "authority", "basis",
         "class", "publish_from", "last_day", "reason", "status", "ended_on", "file_sha256",
         "notice_sha256", "proposed_by", "reviewed_by", "approved_by"),
    ),
    "proposal": Kept(
        "proposal_event", "proposal_id",
        ("kind", "record_id", "key", "cancels", "before", "after", "reason", "voucher_sha256",
         "file_sha256", "proposed_by", "proposed_at", "state"),
    ),
}  # fmt: skip
#: Statements are covered with their rows, as they are booked.
STATEMENT = "statement"
_OF_STATEMENT = ("file_sha256", "n", "opening_fen", "closing_fen")
#: Hash of a row by its key, as text.
Covers = dict[str, str]
_AT_ONCE = 2_000


def hash_rows(tx: Connection, name: str, keys: Collection[Any] | None = None) -> Iterator[Any]:
    """Key and hash of each row of a covered table, or of those named, in the order of keys."""
    if name == STATEMENT:
        if keys is None:
            entry = metadata.tables["entry"]
            keys = list(tx.scalars(select(entry.c.statement_id).distinct()))
        yield from hash_statements(tx, {key: _hash_entries(tx, key) for key in keys})
        return
    table = metadata.tables[name]
    if keys is None:
        yield from _hashed(tx, name, _columns_of(table).order_by(table.c.id))
        return
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        yield from _hashed(tx, name, _by_keys(name), {"keys": part})


def hash_since(tx: Connection, name: str, key: int) -> Iterator[tuple[str, Covers]]:
    """Hashes of the rows of a history after a key, and of the kept rows that they are about."""
    about: dict[str, set[Any]] = {of: set() for of in KEPT if KEPT[of].history == name}
    covers: Covers = {}
    for row in _rows(tx, _after(name), {"after": key}):
        covers[str(row["id"])] = hash_of(name, {**row})
        for kept, keys in about.items():
            keys.add(row[KEPT[kept].link])
    yield name, covers
    for kept, keys in about.items():
        yield kept, {str(each): value for each, value in hash_rows(tx, kept, keys)}


@cache
def _after(name: str) -> Select[Any]:
    table = metadata.tables[name]
    return _columns_of(table).where(table.c.id > bindparam("after")).order_by(table.c.id)


@cache
def _by_keys(name: str) -> Select[Any]:
    table = metadata.tables[name]
    return _columns_of(table).where(listed(table.c.id)).order_by(table.c.id)


def _columns_of(table: Table) -> Select[Any]:
    if table.name in KEPT:
        by_name = {column.name: column for column in table.columns}
        chosen = [by_name[name] for name in ("id", *KEPT[table.name].columns)]
        return select(*(column.label(column.name) for column in chosen))
    return select(*(column.label(column.name) for column in table.columns))


def _hashed(
    tx: Connection, name: str, query: Select[Any], binds: Mapping[str, Any] | None = None
) -> Iterator[tuple[Any, str]]:
    for row in _rows(tx, query, binds):
        yield row["id"], hash_of(name, {**row})


def _rows(
    tx: Connection, query: Select[Any], binds: Mapping[str, Any] | None
) -> Iterator[RowMapping]:
    yield from tx.execute(query, binds, execution_options={"yield_per": _AT_ONCE}).mappings()


def hash_of(name: str, row: Mapping[str, Any]) -> str:
    """The hash of a row of a table: of its canonical JSON without what is empty."""
    told = {column: value for column, value in row.items() if value is not None}
    return hashlib.sha256(canonical({"table": name, "row": told})).hexdigest()


def hash_statements(tx: Connection, told: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Key and hash of each of these statements, by the hash over its rows."""
    statement = metadata.tables[STATEMENT]
    for key in sorted(told):
        head = select(*(statement.c[name] for name in _OF_STATEMENT)).where(statement.c.id == key)
        row = tx.execute(head).mappings().first()
        if row is not None:
            yield key, hash_of(STATEMENT, dict(row) | {"id": key, "entries": told[key]})


class EntryHash:
    """The hash over place, line, day and amount of each row of a statement, as the bank told it."""

    def __init__(self) -> None:
        self._total = hashlib.sha256()

    def add(self, rows: Iterable[Sequence[int]]) -> None:
        """Take in rows (place, line, day, amount), in the order of their places."""
        self._total.update("".join(map("%d,%d,%d,%d\n".__mod__, map(tuple, rows))).encode())

    def hexdigest(self) -> str:
        """The hash of all that was taken in."""
        return self._total.hexdigest()


def _hash_entries(tx: Connection, key: int) -> str:
    """The hash over the rows of a statement that are on file."""
    entry = metadata.tables["entry"]
    query = (
        select(entry.c.seq, entry.c.line, entry.c.booked_on, entry.c.amount_fen)
        .where(entry.c.statement_id == key)
        .order_by(entry.c.seq)
    )
    total = EntryHash()
    for part in tx.execute(query, execution_options={"yield_per": 10_000}).partitions():
        total.add(part)
    return total.hexdigest()
