"""Acts that wait for a second officer, as pages and commands list them, within a scope."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.countersigns import countersign
from feewatch.store.tables.registers import institution, institution_fact


def list_acts(
    tx: Connection,
    scope: Scope,
    day: Day,
    *,
    state: str = "",
    key: int | None = None,
    limit: int,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Acts with their institution: those that wait first, each the latest first."""
    query = _acts(scope, day, state)
    if key is not None:
        query = query.where(countersign.c.id == key)
    waits = countersign.c.state == "waiting"
    query = query.order_by(waits.desc(), countersign.c.id.desc())
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_acts(tx: Connection, scope: Scope, day: Day, *, state: str = "") -> int:
    """How many there are."""
    query = _acts(scope, day, state)
    return tx.scalars(select(func.count()).select_from(query.subquery())).one()


def _acts(scope: Scope, day: Day, state: str) -> Select[Any]:
    facts = and_(institution_fact.c.institution_id == countersign.c.institution_id, in_force(day))
    query = (
        select(
            countersign, institution.c.uscc, institution_fact.c.name, institution_fact.c.district
        )
        .join(institution, institution.c.id == countersign.c.institution_id)
        .join(institution_fact, facts)
        .where(within(scope, institution_fact.c.district, countersign.c.institution_id))
    )
    return query.where(countersign.c.state == state) if state else query
