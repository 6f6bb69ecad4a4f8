"""When people looked at today's page: what is new since."""

from sqlalchemy import Connection, select, update

from feewatch.store.once import insert_once
from feewatch.store.tables.papers import desk_visit


def find_visit(tx: Connection, user_id: int) -> tuple[str, str | None] | None:
    """When a person's present visit began, and the one before; None where there was none."""
    query = select(desk_visit.c.seen_at, desk_visit.c.before_at)
    row = tx.execute(query.where(desk_visit.c.user_id == user_id)).one_or_none()
    return None if row is None else (row.seen_at, row.before_at)


def begin_visit(tx: Connection, user_id: int, moment: str) -> None:
    """A new visit begins; the one that was the present one is the one before."""
    first = {"user_id": user_id, "seen_at": moment, "before_at": None}
    if not insert_once(tx, desk_visit, first):
        tx.execute(
            update(desk_visit)
            .where(desk_visit.c.user_id == user_id)
            .values(before_at=desk_visit.c.seen_at, seen_at=moment)
        )
