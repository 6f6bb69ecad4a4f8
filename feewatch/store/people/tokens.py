"""Words by which programs log in, known by their hashes alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import User
from feewatch.store.people import users
from feewatch.store.tables.operations import api_token


def add(tx: Connection, row: Mapping[str, Any]) -> None:
    """A new word of a program; earlier ones go on being good."""
    tx.execute(insert(api_token).values(created_at=timestamp(), **row))


def find(tx: Connection, token_hash: str) -> tuple[User, Row[Any]] | None:
    """A word that was not ended, with whose it is; it may be past its day."""
    query = select(api_token).where(
        api_token.c.token_hash == token_hash, api_token.c.revoked_at.is_(None)
    )
    row = tx.execute(query).one_or_none()
    user = None if row is None else users.find_by_id(tx, row.user_id)
    return None if row is None or user is None else (user, row)


def list_good(tx: Connection, user_id: int) -> Sequence[Row[Any]]:
    """The words of a program that were not ended, the newest first; some may be past their day."""
    own = api_token.c.user_id == user_id, api_token.c.revoked_at.is_(None)
    return tx.execute(select(api_token).where(*own).order_by(api_token.c.id.desc())).all()


def use(tx: Connection, key: int, address: str, *, before: str) -> bool:
    """Whether it is put down that a word was used: not where that was done since ``before``."""
    is_due = or_(api_token.c.used_at.is_(None), api_token.c.used_at <= before)
    values = {"used_at": timestamp(), "used_from": address}
    own = api_token.c.id == key
    return tx.execute(update(api_token).where(own, is_due).values(values)).rowcount == 1


def revoke(tx: Connection, user_id: int, key: int, *, by: str) -> bool:
    """Whether one word of a program ended by this."""
    return _revoke(tx, by, api_token.c.user_id == user_id, api_token.c.id == key) == 1


def revoke_all(tx: Connection, user_id: int, *, by: str) -> int:
    """How many words of a program ended by this."""
    return _revoke(tx, by, api_token.c.user_id == user_id)


def _revoke(tx: Connection, by: str, *which: Any) -> int:
    values = {"revoked_at": timestamp(), "revoked_by": by}
    is_good = api_token.c.revoked_at.is_(None)
    return tx.execute(update(api_token).where(is_good, *which).values(values)).rowcount
