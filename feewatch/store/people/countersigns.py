"""Reads and writes acts that wait for a second officer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.store.state import hold_still
from feewatch.store.tables.countersigns import countersign

WAITING = "waiting"


def add(tx: Connection, **values: Any) -> int:
    """Let an act wait; its key."""
    row = {**values, "asked_at": timestamp(), "state": WAITING}
    key: int = tx.scalars(insert(countersign).returning(countersign.c.id), row).one()
    return key


def lock(tx: Connection, institution_id: int) -> None:
    """Let nobody else ask about an institution before the transaction ends.

    By its mark, which who decides on a match holds already: a file that comes in locks the row of
    the institution and then the mark, and would meet whoever took them the other way round.
    """
    hold_still(tx, [institution_id])


def lock_act(tx: Connection, key: int) -> None:
    """Let nobody else decide on an act before the transaction ends."""
    tx.execute(select(countersign.c.id).where(countersign.c.id == key).with_for_update())


def find_waiting(tx: Connection, kind: str, name: str) -> RowMapping | None:
    """The act on an object that waits: there is one at a time."""
    waits = countersign.c.kind == kind, countersign.c.object == name, _waits()
    return tx.execute(select(countersign).where(*waits)).mappings().one_or_none()


def list_waiting(tx: Connection, kind: str, institution_id: int) -> Sequence[RowMapping]:
    """The acts of a kind that wait at an institution, the oldest first."""
    waits = countersign.c.kind == kind, countersign.c.institution_id == institution_id, _waits()
    query = select(countersign).where(*waits).order_by(countersign.c.id)
    return tx.execute(query).mappings().all()


def settle(tx: Connection, key: int, state: str, *, by: str, reason: str) -> None:
    """Let an act wait no more."""
    values = {"state": state, "decided_by": by, "decided_at": timestamp()}
    tx.execute(
        update(countersign)
        .where(countersign.c.id == key)
        .values(decision_reason=reason or None, **values)
    )


def _waits() -> Any:
    return countersign.c.state == WAITING
