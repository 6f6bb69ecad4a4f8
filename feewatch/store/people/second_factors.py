"""Second factors of people, and recovery codes: each code is taken once, by whatever process."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.store.once import insert_once
from feewatch.store.tables.log_ins import recovery_code, second_factor


def find(tx: Connection, user_id: int) -> Row[Any] | None:
    """The second factor of a person, confirmed or only begun."""
    query = select(second_factor).where(second_factor.c.user_id == user_id)
    return tx.execute(query).one_or_none()


def exists_any(tx: Connection) -> bool:
    """Whether anybody has one, so that its key may not be made anew."""
    return tx.scalar(select(second_factor.c.user_id).limit(1)) is not None


def begin(tx: Connection, user_id: int, secret: str) -> bool:
    """Whether a new secret waits to be confirmed: not where one is confirmed already."""
    row = {"user_id": user_id, "secret": secret, "made_at": timestamp(), "last_step": 0}
    if insert_once(tx, second_factor, row):
        return True
    waits = second_factor.c.user_id == user_id, second_factor.c.confirmed_at.is_(None)
    return tx.execute(update(second_factor).where(*waits).values(row)).rowcount == 1


def take_step(tx: Connection, user_id: int, step: int) -> bool:
    """Whether the code of a step is taken now; False where it or a later one was taken before."""
    later = second_factor.c.user_id == user_id, second_factor.c.last_step < step
    return tx.execute(update(second_factor).where(*later).values(last_step=step)).rowcount == 1


def confirm(tx: Connection, user_id: int) -> None:
    """The person showed a code: from now on one is asked for."""
    own = second_factor.c.user_id == user_id
    tx.execute(update(second_factor).where(own).values(confirmed_at=timestamp()))


def remove(tx: Connection, user_id: int) -> bool:
    """Whether the person had a second factor, which is gone now with its recovery codes."""
    tx.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    own = second_factor.c.user_id == user_id
    return tx.execute(delete(second_factor).where(own)).rowcount == 1


def set_recovery(tx: Connection, user_id: int, hashes: Collection[str]) -> None:
    """New recovery codes for a person; those of before are none any more."""
    tx.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    tx.execute(insert(recovery_code), [{"user_id": user_id, "code_hash": each} for each in hashes])


def take_recovery(tx: Connection, user_id: int, code_hash: str) -> bool:
    """Whether a recovery code is taken now; False where there is none such, or it was used."""
    unused = recovery_code.c.code_hash == code_hash, recovery_code.c.used_at.is_(None)
    own = recovery_code.c.user_id == user_id
    taken = update(recovery_code).where(own, *unused).values(used_at=timestamp())
    return tx.execute(taken).rowcount == 1


def count_recovery(tx: Connection, user_id: int) -> int:
    """How many recovery codes of a person are left."""
    unused = recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None)
    query = select(func.count()).select_from(recovery_code).where(*unused)
    return tx.scalars(query).one()
