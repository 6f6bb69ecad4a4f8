"""三员分立 in the database: whether an office asked for it, was confirmed in it, and began."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.store.tables.operations import separation

_ONLY = 1


def find(tx: Connection) -> Row[Any] | None:
    """What the office wants of it; None where nobody asked."""
    return tx.execute(select(separation)).one_or_none()


def has_begun(tx: Connection) -> bool:
    """Whether the three administrators are separate."""
    return tx.scalar(select(separation.c.begun_at)) is not None


def ask(tx: Connection, by: str, reason: str, *, is_confirmed: bool = False) -> None:
    """Put on file that it is wanted; ``is_confirmed``: a new office is made with it."""
    at = timestamp()
    confirmed = {"confirmed_at": at} if is_confirmed else {}
    values = {"id": _ONLY, "asked_at": at, "asked_by": by, "reason": reason} | confirmed
    tx.execute(insert(separation).values(values))


def confirm(tx: Connection, by: str) -> None:
    """A second person wants it too."""
    tx.execute(update(separation).values(confirmed_at=timestamp(), confirmed_by=by))


def forget(tx: Connection) -> None:
    """Nobody asked for it."""
    tx.execute(delete(separation))


def begin(tx: Connection, by: str) -> None:
    """The three administrators are separate from now on."""
    tx.execute(update(separation).values(begun_at=timestamp(), begun_by=by))
