"""What must leave a list at once: errors that a person recalls, entries whose decision fell."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import Scope
from feewatch.store.scope import within
from feewatch.store.tables.publication import recall

_WAITS = recall.c.done_number.is_(None) & recall.c.lifted_at.is_(None)


def add(tx: Connection, values: Mapping[str, Any]) -> int:
    """Put on record that something must leave; its key."""
    key = tx.execute(insert(recall).values(at=timestamp(), **values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def list_standing(tx: Connection, district: str | None = None) -> list[RowMapping]:
    """Recalls that no other person has lifted, of a district or of all, the oldest first."""
    query = select(recall).where(recall.c.lifted_at.is_(None)).order_by(recall.c.id)
    if district is not None:
        query = query.where(recall.c.district == district)
    return list(tx.execute(query).mappings())


def list_recalls(tx: Connection, scope: Scope, *, limit: int) -> list[RowMapping]:
    """Recalls in scope: those that wait first, then the latest."""
    query = select(recall).order_by(_WAITS.desc(), recall.c.id.desc()).limit(limit)
    return list(tx.execute(query.where(within(recall.c.district, scope.district))).mappings())


def find(tx: Connection, key: int) -> RowMapping | None:
    """One recall, held against other writers."""
    query = select(recall).where(recall.c.id == key).with_for_update()
    return tx.execute(query).mappings().one_or_none()


def settle(tx: Connection, keys: Collection[int], number: int) -> None:
    """Note which edition took out what these asked for."""
    if keys:
        tx.execute(
            update(recall)
            .where(recall.c.id.in_(keys), recall.c.done_number.is_(None))
            .values(done_number=number, done_at=timestamp())
        )


def lift(tx: Connection, key: int, actor: str, reason: str) -> None:
    """Let it be listed again from the next edition on.

    Raises: ConflictError where it was lifted meanwhile.
    """
    lifted = tx.execute(
        update(recall)
        .where(recall.c.id == key, recall.c.lifted_at.is_(None))
        .values(lifted_by=actor, lifted_at=timestamp(), lift_reason=reason)
    )
    if lifted.rowcount != 1:
        raise ConflictError("RECALL-LIFTED", "该撤回已解除", "this recall was lifted already")
