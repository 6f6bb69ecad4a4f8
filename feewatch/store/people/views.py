"""Saved views: addresses of lists that a person comes back to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from feewatch.store.once import insert_once
from feewatch.store.tables.papers import saved_view


def list_views(tx: Connection, user_id: int) -> Sequence[Row[Any]]:
    """The views of a person in the order they were saved."""
    query = select(saved_view).where(saved_view.c.user_id == user_id)
    return tx.execute(query.order_by(saved_view.c.id)).all()


def count_views(tx: Connection, user_id: int) -> int:
    """How many views a person has."""
    query = select(func.count()).select_from(saved_view).where(saved_view.c.user_id == user_id)
    return tx.scalars(query).one()


def add_view(tx: Connection, user_id: int, title: str, address: str) -> bool:
    """Whether a view was saved; False where the person has one of this title."""
    row = {"user_id": user_id, "title": title, "address": address}
    return insert_once(tx, saved_view, row)


def delete_view(tx: Connection, user_id: int, key: int) -> bool:
    """Whether a view of the person was taken away."""
    own = saved_view.c.user_id == user_id, saved_view.c.id == key
    return tx.execute(delete(saved_view).where(*own)).rowcount == 1
