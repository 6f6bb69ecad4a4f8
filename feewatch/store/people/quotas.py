"""What was used of a quota on a day, counted once for all processes."""

from sqlalchemy import Connection, delete, select, update

from feewatch.kernel.days import Day
from feewatch.store.once import insert_once
from feewatch.store.tables.operations import quota_use


def take(tx: Connection, name: str, day: Day, amount: int, most: int) -> bool:
    """Whether so much could still be taken on a day; days before it are forgotten."""
    if insert_once(tx, quota_use, {"name": name, "day": day, "used": 0}):
        tx.execute(delete(quota_use).where(quota_use.c.name == name, quota_use.c.day < day))
    taken = tx.execute(
        update(quota_use)
        .where(quota_use.c.name == name, quota_use.c.day == day, quota_use.c.used + amount <= most)
        .values(used=quota_use.c.used + amount)
    )
    return taken.rowcount == 1


def count_used(tx: Connection, name: str, day: Day) -> int:
    """How much was taken on a day."""
    query = select(quota_use.c.used).where(quota_use.c.name == name, quota_use.c.day == day)
    return tx.scalar(query) or 0
