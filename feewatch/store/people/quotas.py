"""What was used of a quota on a day, counted once for all processes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from feewatch.kernel.days import Day
from feewatch.store.tables.operations import quota_use


def take(tx: Connection, name: str, day: Day, amount: int, most: int) -> bool:
    """Whether so much could still be taken on a day; days before it are forgotten.

    The row is held to the end of the transaction: the later it is taken, the shorter others wait.
    """
    if amount > most:
        return False
    taken = {"name": name, "day": day, "used": amount, "most": most}
    used: int | None = tx.scalar(_TAKE[tx.dialect.name], taken)
    if used == amount:  # the first of the day
        tx.execute(delete(quota_use).where(quota_use.c.name == name, quota_use.c.day < day))
    return used is not None


def _take(insert: Any) -> Any:
    """One statement: a lock is held the longer, the more of them follow."""
    added = insert(quota_use).values({each: bindparam(each) for each in ("name", "day", "used")})
    used = quota_use.c.used + added.excluded.used
    return added.on_conflict_do_update(
        index_elements=[quota_use.c.name, quota_use.c.day],
        set_={"used": used},
        where=used <= bindparam("most"),
    ).returning(quota_use.c.used)


_TAKE = {"sqlite": _take(sqlite.insert), "postgresql": _take(postgresql.insert)}


def count_used(tx: Connection, names: Sequence[str], day: Day) -> list[int]:
    """How much was taken of each on a day."""
    query = select(quota_use.c.name, quota_use.c.used).where(
        quota_use.c.name.in_(names), quota_use.c.day == day
    )
    used = {row.name: row.used for row in tx.execute(query)}
    return [used.get(name, 0) for name in names]
