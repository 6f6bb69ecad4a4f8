"""Bank statements as they were received, within a scope."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, func, or_, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.kernel.places import covers
from feewatch.store.intake.words import shown_word
from feewatch.store.pages.scope import in_force, lies_within
from feewatch.store.tables.ledger import source_file, statement
from feewatch.store.tables.registers import account, institution_fact


def list_statements(
    tx: Connection,
    scope: Scope,
    office: str,
    today: Day,
    *,
    status: str = "",
    limit: int = 50,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Statements, the latest received first, with file name and institution.

    ``office``: the district to which statements of unregistered accounts belong.
    """
    names = and_(institution_fact.c.institution_id == statement.c.institution_id, in_force(today))
    query = (
        select(
            statement,
            source_file.c.name.label("file_name"),
            source_file.c.received_at,
            source_file.c.dialect,
            shown_word().label("word"),
            institution_fact.c.name,
        )
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .outerjoin(institution_fact, names)
        .order_by(source_file.c.received_at.desc(), statement.c.id.desc())
    )
    query = _filtered(query, scope, office, today, status)
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_statements(
    tx: Connection, scope: Scope, office: str, today: Day, *, status: str = ""
) -> int:
    """How many statements there are."""
    query = select(func.count()).select_from(statement)
    return int(tx.scalars(_filtered(query, scope, office, today, status)).one())


def list_rejected_files(tx: Connection, scope: Scope, office: str) -> Sequence[Row[Any]]:
    """Files that could not be read at all, latest first; they belong to the office's district."""
    if scope.institution_id is not None or not covers(scope.district, office):
        return []
    return tx.execute(
        select(source_file)
        .where(source_file.c.status == "rejected")
        .order_by(source_file.c.received_at.desc())
        .limit(100)
    ).all()


def list_owners(tx: Connection, account_nos: Collection[str]) -> dict[str, int]:
    """The institution to which each registered account belongs."""
    query = select(account.c.account_no, account.c.institution_id).where(
        account.c.account_no.in_(account_nos)
    )
    return {row.account_no: row.institution_id for row in tx.execute(query)}


def reachable(scope: Scope, office: str, today: Day) -> ColumnElement[bool]:
    """Whether a statement lies within the scope; those of nobody's account are the office's."""
    ownerless: ColumnElement[bool] = false()
    if scope.institution_id is None and covers(scope.district, office):
        ownerless = statement.c.institution_id.is_(None)
    return or_(lies_within(scope, statement.c.institution_id, today), ownerless)


def _filtered(
    query: Select[Any], scope: Scope, office: str, today: Day, status: str
) -> Select[Any]:
    query = query.where(reachable(scope, office, today))
    return query.where(statement.c.status == status) if status else query
