"""People as identity providers know them: by issuer and subject."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import User
from feewatch.store.once import insert_once
from feewatch.store.people import users
from feewatch.store.tables.log_ins import outside_identity as identity


def link(tx: Connection, user_id: int, issuer: str, subject: str, *, by: str) -> bool:
    """Whether a person is known by a subject from now on; False where either has another."""
    row = {"user_id": user_id, "issuer": issuer, "subject": subject}
    return insert_once(tx, identity, row | {"linked_at": timestamp(), "linked_by": by})


def unlink(tx: Connection, user_id: int) -> bool:
    """Whether a person was known by a subject, and is no more."""
    return tx.execute(delete(identity).where(identity.c.user_id == user_id)).rowcount == 1


def find_user(tx: Connection, issuer: str, subject: str) -> User | None:
    """The person of a subject."""
    query = select(identity.c.user_id).where(
        identity.c.issuer == issuer, identity.c.subject == subject
    )
    user_id = tx.scalar(query)
    return None if user_id is None else users.find_by_id(tx, user_id)


def find_of(tx: Connection, user_id: int) -> Row[Any] | None:
    """By what a person is known."""
    return tx.execute(select(identity).where(identity.c.user_id == user_id)).one_or_none()
