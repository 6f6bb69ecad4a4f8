"""Decisions as pages list them."""

from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from feewatch.credit.decisions import IN_FORCE, PENDING, PROPOSED, REVIEWED
from feewatch.kernel.people import Scope
from feewatch.kernel.places import prefix
from feewatch.store.pages import PageRows
from feewatch.store.tables.publication import decision
from feewatch.store.tables.registers import institution

#: What waits for somebody stands first.
_FIRST = case({PROPOSED: 0, REVIEWED: 1, IN_FORCE: 2}, value=decision.c.status, else_=3)


def list_decisions(
    tx: Connection,
    scope: Scope,
    *,
    status: str = "",
    document: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> PageRows:
    """Decisions in scope, those that wait first, then the latest."""
    listed = _within(select(decision), scope, status)
    if document:
        listed = listed.where(decision.c.document == document)
    query = (
        listed.order_by(_FIRST, decision.c.decided_on.desc(), decision.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return list(tx.execute(query))


def count_decisions(tx: Connection, scope: Scope, *, status: str = "") -> int:
    """How many decisions there are in scope."""
    query = _within(select(func.count()).select_from(decision), scope, status)
    return int(tx.scalar(query) or 0)


def _within(query: Select[Any], scope: Scope, status: str) -> Select[Any]:
    digits = prefix(scope.district)
    if digits:
        first, last = digits.ljust(6, "0"), digits.ljust(6, "9")
        query = query.where(decision.c.district.between(first, last))
    if scope.institution_id is not None:
        # an institution sees what was decided of it, not what is being considered
        own = select(institution.c.uscc).where(institution.c.id == scope.institution_id)
        query = query.where(
            decision.c.uscc == own.scalar_subquery(), decision.c.status.not_in(PENDING)
        )
    return query.where(decision.c.status == status) if status else query
