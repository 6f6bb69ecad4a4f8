"""Words by which programs log in, known by their hashes alone."""

from sqlalchemy import Connection, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import User
from feewatch.store.people import users
from feewatch.store.tables.operations import api_token


def add(tx: Connection, user_id: int, token_hash: str) -> None:
    """A new word of a program; earlier ones go on being good."""
    tx.execute(
        insert(api_token).values(user_id=user_id, token_hash=token_hash, created_at=timestamp())
    )


def find_user(tx: Connection, token_hash: str) -> User | None:
    """Whose word this is, unless it was revoked."""
    query = select(api_token.c.user_id).where(
        api_token.c.token_hash == token_hash, api_token.c.revoked_at.is_(None)
    )
    user_id = tx.scalar(query)
    return None if user_id is None else users.find_by_id(tx, user_id)


def revoke_all(tx: Connection, user_id: int) -> int:
    """How many words of a program are no longer good from now on."""
    revoked = tx.execute(
        update(api_token)
        .where(api_token.c.user_id == user_id, api_token.c.revoked_at.is_(None))
        .values(revoked_at=timestamp())
    )
    return revoked.rowcount
