"""How far each bank feed was read."""

from sqlalchemy import Connection, select, update

from feewatch.kernel.clock import timestamp
from feewatch.store.once import insert_once
from feewatch.store.tables.operations import feed_cursor


def find_position(tx: Connection, feed: str) -> str | None:
    """Where reading goes on; None at the beginning."""
    query = select(feed_cursor.c.position).where(feed_cursor.c.feed == feed)
    return tx.scalar(query)


def move(tx: Connection, feed: str, before: str | None, after: str) -> bool:
    """Whether the position was moved; False where somebody else moved it meanwhile."""
    values = {"position": after, "moved_at": timestamp()}
    if before is None:
        return insert_once(tx, feed_cursor, values | {"feed": feed})
    moved = tx.execute(
        update(feed_cursor)
        .where(feed_cursor.c.feed == feed, feed_cursor.c.position == before)
        .values(values)
    )
    return moved.rowcount == 1
