"""Roles asked for by one administrator and confirmed or refused by another, in the database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.store.tables.operations import role_request


def add(tx: Connection, row: Mapping[str, Any]) -> None:
    """A request that waits for a second person."""
    tx.execute(insert(role_request).values(asked_at=timestamp(), state="waiting", **row))


def find_waiting(tx: Connection, name: str) -> Row[Any] | None:
    """What waits about a person; one thing at a time."""
    waiting = role_request.c.name == name, role_request.c.state == "waiting"
    return tx.execute(select(role_request).where(*waiting)).one_or_none()


def list_waiting(tx: Connection) -> Sequence[Row[Any]]:
    """All that waits, the oldest first."""
    waiting = select(role_request).where(role_request.c.state == "waiting")
    return tx.execute(waiting.order_by(role_request.c.id)).all()


def settle(tx: Connection, key: int, state: str, *, by: str, reason: str | None) -> bool:
    """Whether a request that waited is settled by this."""
    values = {"state": state, "decided_by": by, "decided_at": timestamp()}
    waiting = role_request.c.id == key, role_request.c.state == "waiting"
    done = update(role_request).where(*waiting).values(decision_reason=reason, **values)
    return tx.execute(done).rowcount == 1
