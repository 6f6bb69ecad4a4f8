"""What comes before and after decisions, as pages list it: notices, defences, objections."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from feewatch.credit.advance_notice import OPEN
from feewatch.credit.decisions import PROPOSED, REVIEWED
from feewatch.credit.objections import PENDING
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRows
from feewatch.store.scope import within_party
from feewatch.store.tables.objections import advance_notice, decision_objection
from feewatch.store.tables.publication import decision


def list_notices(
    tx: Connection, scope: Scope, *, state: str = "", limit: int | None = None, offset: int = 0
) -> PageRows:
    """Notices in scope, those that wait for a decision first, each lot by its last day."""
    query = (
        _notices(select(advance_notice), scope, state)
        .order_by(
            (advance_notice.c.state != OPEN),
            advance_notice.c.defend_until.desc(),
            advance_notice.c.id.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    return list(tx.execute(query))


def count_notices(tx: Connection, scope: Scope, *, state: str = "") -> int:
    """How many those are."""
    query = _notices(select(func.count()).select_from(advance_notice), scope, state)
    return int(tx.scalar(query) or 0)


def _notices(query: Select[Any], scope: Scope, state: str) -> Select[Any]:
    columns = advance_notice.c
    query = query.where(within_party(scope, columns.district, columns.uscc))
    return query.where(columns.state == state) if state else query


def list_objections(
    tx: Connection, scope: Scope, *, state: str = "", limit: int | None = None, offset: int = 0
) -> Sequence[RowMapping]:
    """Objections in scope with what they are about, those that wait first, the first due first."""
    columns = decision_objection.c
    query = (
        select(
            decision_objection,
            advance_notice.c.number,
            advance_notice.c.hearing.label("told_of_hearing"),
            decision.c.document,
            func.coalesce(advance_notice.c.name, decision.c.name).label("name"),
        )
        .outerjoin(advance_notice, advance_notice.c.id == columns.advance_notice_id)
        .outerjoin(decision, decision.c.id == columns.decision_id)
    )
    query = _objections(query, scope, state).order_by(
        columns.state.not_in(PENDING), columns.answer_due, columns.id
    )
    return list(tx.execute(query.limit(limit).offset(offset)).mappings())


def count_objections(tx: Connection, scope: Scope, *, state: str = "") -> int:
    """How many those are."""
    query = _objections(select(func.count()).select_from(decision_objection), scope, state)
    return int(tx.scalar(query) or 0)


def _objections(query: Select[Any], scope: Scope, state: str) -> Select[Any]:
    columns = decision_objection.c
    query = query.where(within_party(scope, columns.district, columns.uscc))
    return query.where(columns.state == state) if state else query


def list_considered(tx: Connection, scope: Scope) -> Sequence[RowMapping]:
    """Decisions in scope that are proposed or reviewed, the latest first."""
    query = select(decision).where(
        within_party(scope, decision.c.district, decision.c.uscc),
        decision.c.status.in_((PROPOSED, REVIEWED)),
    )
    return list(tx.execute(query.order_by(decision.c.id.desc())).mappings())
