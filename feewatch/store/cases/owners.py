"""Who looks after a matter: set by hand, for several matters at once."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select, update

from feewatch.kernel.days import Day
from feewatch.store.scope import among
from feewatch.store.tables.casework import matter
from feewatch.store.tables.operations import user
from feewatch.store.tables.registers import institution_fact

_SHOWN = "id", "uscc", "institution_id", "district", "status", "department"


def name_matters(tx: Connection, matter_ids: Collection[int], today: Day) -> Sequence[Row[Any]]:
    """Matters by id with the present name of their institution."""
    facts = and_(
        institution_fact.c.institution_id == matter.c.institution_id,
        institution_fact.c.valid_from <= today,
        institution_fact.c.valid_to >= today,
    )
    columns = (matter.c[name] for name in _SHOWN)
    query: Select[Any] = (
        select(*columns, institution_fact.c.name)
        .outerjoin(institution_fact, facts)
        .where(among(matter.c.id, matter_ids))
        .order_by(institution_fact.c.name, matter.c.uscc, matter.c.id)
    )
    return tx.execute(query).all()


def set_owner(tx: Connection, matter_ids: Collection[int], owner: str) -> None:
    """From now on somebody looks after the matters."""
    tx.execute(update(matter).where(among(matter.c.id, matter_ids)).values(owner=owner))


def list_office(tx: Connection, roles: Collection[str]) -> list[str]:
    """The names of those of the office who may act in one of the roles."""
    query = select(user.c.name).where(user.c.role.in_(roles), user.c.disabled.is_(False))
    return list(tx.scalars(query.order_by(user.c.name)))
