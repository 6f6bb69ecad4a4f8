"""Unmatched money, officers' matches and settled lumps, within a scope."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.intake import manual_matches
from feewatch.store.pages import PageRows
from feewatch.store.pages.scope import in_force, institutions_within
from feewatch.store.tables.ledger import entry, manual_match, match
from feewatch.store.tables.registers import account, institution, institution_fact


def list_unmatched(
    tx: Connection, scope: Scope, today: Day, uscc: str, *, limit: int, offset: int
) -> PageRows:
    """Receipts and refunds of which money is left over, the latest first: key and institution."""
    names = and_(institution_fact.c.institution_id == entry.c.institution_id, in_force(today))
    query: Select[Any] = (
        select(entry.c.id, entry.c.institution_id, institution.c.uscc, institution_fact.c.name)
        .join(institution, institution.c.id == entry.c.institution_id)
        .join(institution_fact, names)
        .where(*_left_over(scope, today, uscc))
        .order_by(entry.c.booked_on.desc(), entry.c.id)
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_unmatched(tx: Connection, scope: Scope, today: Day, uscc: str) -> int:
    """How many such receipts and refunds there are."""
    return tx.scalars(select(func.count(entry.c.id)).where(*_left_over(scope, today, uscc))).one()


def list_decisions(tx: Connection, scope: Scope, today: Day, uscc: str, *, limit: int) -> PageRows:
    """Officers' matches in force, the latest first."""
    seen = and_(*_of(manual_match.c.institution_id, scope, today, uscc))
    return manual_matches.list_decisions(tx, seen, limit=limit)


def list_settlements(
    tx: Connection, scope: Scope, today: Day, uscc: str, *, limit: int
) -> PageRows:
    """Channel lumps that were explained, the latest first: contracts, their fees, the charge."""
    return tx.execute(
        _settlements().where(*_of(match.c.institution_id, scope, today, uscc)).limit(limit)
    ).all()


def list_all_settlements(tx: Connection, uscc: str | None) -> PageRows:
    """The same of one institution or all."""
    query = _settlements()
    return tx.execute(query if uscc is None else query.where(institution.c.uscc == uscc)).all()


def _settlements() -> Select[Any]:
    fees = func.sum(match.c.amount_fen)
    columns = (
        institution.c.uscc,
        account.c.account_no,
        *(entry.c[name] for name in ("id", "booked_on", "amount_fen", "n", "counterparty")),
        entry.c.matched_fen,
    )
    return (
        select(
            *columns,
            func.count(match.c.id).label("contracts"),
            fees.label("fees_fen"),
            (fees - entry.c.matched_fen).label("charge_fen"),
        )
        .join(match, match.c.entry_id == entry.c.id)
        .join(account, account.c.id == entry.c.account_id)
        .join(institution, institution.c.id == entry.c.institution_id)
        .where(match.c.how == "settlement")
        .group_by(*columns)
        .order_by(entry.c.booked_on.desc(), entry.c.id)
    )


def _left_over(scope: Scope, today: Day, uscc: str) -> list[ColumnElement[bool]]:
    return [
        entry.c.merged_into.is_(None),
        entry.c.kind.in_(("receipt", "refund")),
        entry.c.matched_fen < func.abs(entry.c.amount_fen),
        *_of(entry.c.institution_id, scope, today, uscc),
    ]


def _of(
    institution_id: ColumnElement[int], scope: Scope, today: Day, uscc: str
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [institution_id.in_(institutions_within(scope, today))]
    if uscc:
        named = select(institution.c.id).where(institution.c.uscc == uscc)
        conditions.append(institution_id.in_(named))
    return conditions
