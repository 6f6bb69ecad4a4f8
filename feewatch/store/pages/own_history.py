"""What an institution's people handed in: registers, each with what came of it. Reading only."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from feewatch.store.tables.operations import user
from feewatch.store.tables.registers import register_import


def list_imports(
    tx: Connection, institution_id: int, *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """The registers that people of an institution handed in, the latest first."""
    query = (
        select(register_import)
        .join(user, user.c.name == register_import.c.actor)
        .where(user.c.institution_id == institution_id)
        .order_by(register_import.c.id.desc())
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def list_imports_by(tx: Connection, actor: str, *, limit: int) -> Sequence[Row[Any]]:
    """The registers that a person handed in, the latest first."""
    query = select(register_import).where(register_import.c.actor == actor)
    return tx.execute(query.order_by(register_import.c.id.desc()).limit(limit)).all()


def find_import(
    tx: Connection, key: int, actor: str, institution_id: int | None
) -> Row[Any] | None:
    """An import of a person, or of a person of the same institution."""
    is_theirs = register_import.c.actor == actor
    if institution_id is not None:
        colleagues = select(user.c.name).where(user.c.institution_id == institution_id)
        is_theirs = or_(is_theirs, register_import.c.actor.in_(colleagues))
    query = select(register_import).where(register_import.c.id == key, is_theirs)
    return tx.execute(query).one_or_none()


def count_imports(tx: Connection, institution_id: int) -> int:
    """How many there are."""
    query = (
        select(func.count(register_import.c.id))
        .join(user, user.c.name == register_import.c.actor)
        .where(user.c.institution_id == institution_id)
    )
    return tx.execute(query).scalar_one()
