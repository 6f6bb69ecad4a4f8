"""Statements before an officer: those in quarantine, and one with all that was done about it."""

from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.intake.words import shown_word
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages.scope import in_force
from feewatch.store.pages.statements import reachable
from feewatch.store.tables.ledger import quarantine_proposal, source_file, statement
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import institution, institution_fact


def list_quarantined(
    tx: Connection, scope: Scope, office: str, today: Day, *, limit: int, offset: int
) -> PageRows:
    """Statements in quarantine, those that wait for a second officer first, then the oldest."""
    query = _statements(scope, office, today).where(statement.c.status == "quarantined")
    is_new = quarantine_proposal.c.statement_id.is_(None)
    ordered = query.order_by(is_new, source_file.c.received_at, statement.c.id)
    return tx.execute(ordered.limit(limit).offset(offset)).all()


def count_quarantined(tx: Connection, scope: Scope, office: str, today: Day) -> int:
    """How many statements lie in quarantine."""
    query = select(func.count(statement.c.id)).where(
        statement.c.status == "quarantined", reachable(scope, office, today)
    )
    return int(tx.scalars(query).one())


def find_statement(
    tx: Connection, scope: Scope, office: str, today: Day, sha256: str, n: int
) -> PageRow | None:
    """One statement of whatever status, within the scope."""
    query = _statements(scope, office, today).where(
        statement.c.file_sha256 == sha256, statement.c.n == n
    )
    return tx.execute(query).one_or_none()


def list_acts(tx: Connection, sha256: str, n: int) -> PageRows:
    """What was done about a statement, or its whole file, oldest first."""
    query: Select[Any] = select(audit.c.at, audit.c.actor, audit.c.action, audit.c.detail)
    about = audit.c.object.in_((sha256, f"{sha256}#{n}"))
    return tx.execute(query.where(about).order_by(audit.c.id)).all()


def _statements(scope: Scope, office: str, today: Day) -> Select[Any]:
    names = and_(institution_fact.c.institution_id == statement.c.institution_id, in_force(today))
    return (
        select(
            statement,
            *(source_file.c[name] for name in ("received_at", "dialect", "channel")),
            shown_word().label("word"),
            source_file.c.name.label("file_name"),
            source_file.c.actor.label("sender"),
            institution.c.uscc,
            institution_fact.c.name,
            *(quarantine_proposal.c[name] for name in ("decision", "proposed_at")),
            quarantine_proposal.c.actor.label("proposed_by"),
            quarantine_proposal.c.reason.label("proposed_reason"),
        )
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .outerjoin(institution, institution.c.id == statement.c.institution_id)
        .outerjoin(institution_fact, names)
        .outerjoin(quarantine_proposal, quarantine_proposal.c.statement_id == statement.c.id)
        .where(reachable(scope, office, today))
    )


def list_numbers(tx: Connection, sha256: str) -> list[int]:
    """The places of the statements in a file."""
    query = select(statement.c.n).where(statement.c.file_sha256 == sha256)
    return list(tx.scalars(query.order_by(statement.c.n)))
