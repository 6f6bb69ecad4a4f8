"""Decisions as pages list them."""

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, func, select

from feewatch.credit.decisions import IN_FORCE, PENDING, PROPOSED, REVIEWED
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRows
from feewatch.store.scope import within_party
from feewatch.store.tables.publication import decision

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


def list_in_force(tx: Connection, scope: Scope, first: Day, last: Day) -> list[RowMapping]:
    """The decisions in force in scope whose documents are of some days, the oldest first."""
    query = _within(select(decision), scope, IN_FORCE).where(
        decision.c.decided_on.between(first, last)
    )
    return list(tx.execute(query.order_by(decision.c.decided_on, decision.c.id)).mappings())


def _within(query: Select[Any], scope: Scope, status: str) -> Select[Any]:
    query = query.where(within_party(scope, decision.c.district, decision.c.uscc))
    if scope.institution_id is not None:
        # what is being considered stands on the pages of the procedure, not among decisions
        query = query.where(decision.c.status.not_in(PENDING))
    return query.where(decision.c.status == status) if status else query
