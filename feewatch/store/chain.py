"""The audit trail as a chain: numbers without gaps, each row bound to the one before by its hash.

Rows are written where an act happens and linked where its transaction ends, with the row of the
head locked from then to the commit: acts are in the order of their commits, none forks the chain,
and a long one keeps others waiting only while it is linked. The link also carries the hashes of
what the act wrote into history (``store.covering``). The lock is the last one of a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    bindparam,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql import Insert
from sqlalchemy.sql.elements import ClauseElement

from feewatch.kernel.clock import timestamp
from feewatch.publication.links import GENESIS, LINKED, link_hash
from feewatch.store import covering
from feewatch.store.tables import metadata
from feewatch.store.tables.operations import audit, audit_head

__all__ = ["GENESIS", "link_hash"]  # who reads the trail finds the hash beside it
#: Of rows that nobody put on record by name, and of those of before the chain.
ROWS, BEGIN = "record.rows", "record.begin"
_ACT = "feewatch.act"
_HEAD = 1
#: Built once: every act, and every look at what is personal, is put on record by them.
_ADDED = insert(audit).returning(audit)
_LOCKED_HEAD = select(audit_head).with_for_update()
_LINK = (
    update(audit)
    .where(audit.c.id == bindparam("row"))
    .values({name: bindparam(name) for name in ("number", "previous", "hash", "covers")})
)
_HEAD_LINK = update(audit_head).values(number=bindparam("last_number"), hash=bindparam("last_hash"))
#: Histories that one act writes mostly together: their last keys are asked for at once.
_CASEWORK = ("alert_event", "case_event", "paper_service")
#: As many rows of history as one link covers where those of before are taken up.
_COVERED_AT_ONCE = 2_000


@dataclass
class _Written:
    """What a transaction wrote so far."""

    rows: list[Row[Any]] = field(default_factory=list)  # of the trail, as the database keeps them
    is_whole: bool = True  # no part of the transaction was rolled back
    since: dict[str, int] = field(default_factory=dict)  # history: its last key before
    asked: dict[str, int] = field(default_factory=dict)  # the same of what may be written next
    statements: dict[int, str] = field(default_factory=dict)  # with the hashes over their rows
    anew: list[tuple[str, str, Mapping[str, covering.Covers]]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.rows or self.since or self.statements or self.anew)


def begin(tx: Connection) -> None:
    """Note from here on what the transaction writes."""
    tx.info[_ACT] = _Written()


def forget(tx: Connection) -> None:
    """Note nothing more: the transaction is over, or is one that makes tables."""
    tx.info.pop(_ACT, None)


def note_row(tx: Connection, row: Row[Any]) -> None:
    """Let a row of the trail be linked where the transaction ends."""
    act = tx.info.get(_ACT)
    if act is not None:
        act.rows.append(row)


def note_statement(tx: Connection, key: int, rows: covering.EntryHash) -> None:
    """Let the rows of a statement, just written, be covered by the act that books them."""
    act = tx.info.get(_ACT)
    if act is not None:
        act.statements[key] = rows.hexdigest()


def watch(engine: Engine) -> None:
    """Notice what is written into history, and what of it is taken back."""
    event.listen(engine, "before_execute", _notice)
    event.listen(engine, "rollback_savepoint", _notice_loss)


def _notice_loss(tx: Connection, *_: Any) -> None:
    act: _Written | None = tx.info.get(_ACT)
    if act is not None:
        act.is_whole = False


def _notice(tx: Connection, statement: ClauseElement, *_: Any) -> None:
    if isinstance(statement, Insert):
        note_history(tx, statement.table.name)


def note_history(tx: Connection, name: str) -> None:
    """Rows are about to be written to this table: those of history the act has to cover."""
    act = tx.info.get(_ACT)
    if act is not None and name in covering.HISTORY and name not in act.since:
        if name not in act.asked:
            together = _CASEWORK if name in _CASEWORK else (name,)
            act.asked |= {**tx.execute(_last_keys(together)).mappings().one()}
        act.since[name] = act.asked[name]


@cache
def _last_keys(names: tuple[str, ...]) -> Select[Any]:
    """The last key of each of these tables, 0 where it is empty."""
    keys = {name: metadata.tables[name].c.id for name in names}
    lasts = {name: select(func.coalesce(func.max(key), 0)) for name, key in keys.items()}
    return select(*(last.scalar_subquery().label(name) for name, last in lasts.items()))


def seal(tx: Connection) -> None:
    """Link the rows of the transaction to the chain; nothing else is locked after this."""
    act: _Written | None = tx.info.pop(_ACT, None)
    if act is None or act.is_empty:
        return
    # nobody else knows of these statements yet: read before others have to wait
    statements = {str(key): value for key, value in covering.hash_statements(tx, act.statements)}
    for told in act.anew:
        link_covers(tx, *told)
    head = tx.execute(_LOCKED_HEAD).one()
    covers = _covers_of(tx, act, statements)
    rows = act.rows if act.is_whole else _standing(tx, [row.id for row in act.rows])
    if covers and not rows:
        name = ", ".join(sorted(covers))[:200]
        rows = [add_row(tx, "feewatch", ROWS, name)]
    _link(tx, head, rows, [covers])


def add_row(tx: Connection, actor: str, action: str, name: str, **rest: Any) -> Row[Any]:
    """Add a row to the trail, not linked yet."""
    values = {"at": timestamp(), "actor": actor, "action": action, "object": name, "detail": {}}
    return tx.execute(_ADDED, values | rest).one()


def begin_chain(tx: Connection) -> None:
    """Take the rows of before into the chain, and vouch for history as it stands now."""
    head = tx.execute(_LOCKED_HEAD).one()
    old = tx.execute(select(audit).where(audit.c.number.is_(None)).order_by(audit.c.id)).all()
    _link(tx, head, old, [])
    for covers in _whole_history(tx):
        link_covers(tx, BEGIN, next(iter(covers)), covers)


def link_covers(
    tx: Connection, action: str, name: str, covers: Mapping[str, covering.Covers]
) -> None:
    """Link a row that says nothing but what it covers, at once.

    For who writes nothing but the trail from here on: whatever else is locked, is locked before.
    """
    head = tx.execute(_LOCKED_HEAD).one()
    _link(tx, head, [add_row(tx, "feewatch", action, name)], [covers])


def cover_anew(
    tx: Connection, action: str, name: str, covers: Mapping[str, covering.Covers]
) -> None:
    """The same where the transaction ends, before its own rows; it may not be taken back in part.

    Raises: KeyError outside a transaction that changes anything.
    """
    tx.info[_ACT].anew.append((action, name, covers))


def _whole_history(tx: Connection) -> Any:
    for name in (*covering.HISTORY, *covering.KEPT, covering.STATEMENT):
        part: dict[str, str] = {}
        for key, value in covering.hash_rows(tx, name):
            part[str(key)] = value
            if len(part) == _COVERED_AT_ONCE:
                yield {name: part}
                part = {}
        if part:
            yield {name: part}


def _covers_of(
    tx: Connection, act: _Written, statements: covering.Covers
) -> dict[str, covering.Covers]:
    covers: dict[str, covering.Covers] = {}
    for name, key in act.since.items():
        covers |= covering.hash_since(tx, name, key)
    covers[covering.STATEMENT] = statements
    return {name: hashes for name, hashes in covers.items() if hashes}


def _standing(tx: Connection, keys: list[int]) -> list[Any]:
    """Rows of the trail that were not rolled back with a part of the transaction."""
    wanted = audit.c.id.in_(keys), audit.c.number.is_(None)
    return list(tx.execute(select(audit).where(*wanted).order_by(audit.c.id)).all())


def _link(tx: Connection, head: Any, rows: Any, covers: list[Mapping[str, Any]]) -> None:
    """Link rows in order behind the head; the last of them carries the covers."""
    number, previous, linked = head.number, head.hash, []
    for place, row in enumerate(rows, 1):
        told = {name: getattr(row, name) for name in LINKED}
        if covers and covers[0] and place == len(rows):
            told["covers"] = covers[0]
        number += 1
        link = {"number": number, "previous": previous}
        previous = link_hash(told | link)
        linked.append(link | {"row": row.id, "hash": previous, "covers": told["covers"]})
    if linked:
        tx.execute(_LINK, linked)
    tx.execute(_HEAD_LINK, {"last_number": number, "last_hash": previous})
