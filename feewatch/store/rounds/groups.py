"""Institutions put into a group by hand, in the database: the latest word counts while it lasts."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.tables.rounds import group_move


def add(tx: Connection, **values: Any) -> None:
    """Put a move on record: institution_id, to_group, computed, from_day, to_day, actor, reason."""
    tx.execute(insert(group_move).values(**values, at=timestamp()))


def list_moves(tx: Connection, day: Day) -> dict[int, Row[Any]]:
    """By institution the latest move, where it says a group and lasts on a day."""
    latest: dict[int, Row[Any]] = {}
    for row in tx.execute(select(group_move).order_by(group_move.c.id)):
        latest[row.institution_id] = row
    return {
        key: row
        for key, row in latest.items()
        if row.to_group and row.from_day <= day <= row.to_day
    }
