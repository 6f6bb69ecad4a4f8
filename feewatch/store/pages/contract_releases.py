"""What a release list of e-CNY contracts is compared with; the scope is kept by who asks."""

from typing import Any

from sqlalchemy import Connection, Select, select

from feewatch.store.pages import PageRows
from feewatch.store.tables.ledger import account_coverage, entry, source_file, statement
from feewatch.store.tables.registers import account, contract, coverage, lesson

#: Layouts of release lists; an office's own begins in the same way.
LAYOUT = "ecny"


def list_accounts(tx: Connection, institution_id: int) -> PageRows:
    """Accounts of an institution: id, account_no, kind."""
    query: Select[Any] = select(account.c.id, account.c.account_no, account.c.kind)
    return tx.execute(query.where(account.c.institution_id == institution_id)).all()


def list_entries_of_lists(tx: Connection, institution_id: int) -> PageRows:
    """Entries that release lists tell, with their file and line, by day."""
    query: Select[Any] = (
        select(
            entry.c.id, entry.c.account_id, entry.c.booked_on, entry.c.amount_fen, entry.c.kind,
            entry.c.counterparty_account, entry.c.memo, entry.c.line, statement.c.file_sha256,
            statement.c.n, source_file.c.name.label("file_name"),
        )
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(
            entry.c.institution_id == institution_id,
            entry.c.merged_into.is_(None),
            source_file.c.dialect.startswith(LAYOUT),
        )
        .order_by(entry.c.booked_on, entry.c.id)
    )  # fmt: skip
    return tx.execute(query).all()


def list_credits(tx: Connection, institution_id: int) -> PageRows:
    """Money that came into accounts of an institution, by day."""
    query: Select[Any] = select(
        entry.c.id, entry.c.account_id, entry.c.booked_on, entry.c.amount_fen, entry.c.memo,
        entry.c.counterparty_account,
    ).where(
        entry.c.institution_id == institution_id,
        entry.c.merged_into.is_(None),
        entry.c.amount_fen > 0,
    )  # fmt: skip
    return tx.execute(query.order_by(entry.c.booked_on, entry.c.id)).all()


def list_covered(tx: Connection, institution_id: int) -> PageRows:
    """Days that statements of each account tell of: account_id, from_day, to_day."""
    row = account_coverage.c
    query: Select[Any] = select(row.account_id, row.from_day, row.to_day)
    return tx.execute(query.where(row.institution_id == institution_id)).all()


def list_days_of_lessons(tx: Connection, institution_id: int) -> PageRows:
    """Days for which the register of lessons is known: from_day, to_day."""
    query: Select[Any] = select(coverage.c.from_day, coverage.c.to_day)
    is_of_lessons = coverage.c.register == "lessons"
    return tx.execute(query.where(coverage.c.institution_id == institution_id, is_of_lessons)).all()


def list_contracts(tx: Connection, institution_id: int) -> PageRows:
    """Contracts of an institution with what their lessons are worth by."""
    row = contract.c
    query: Select[Any] = select(row.id, row.contract_no, row.fee_fen, row.total_lessons)
    return tx.execute(query.where(row.institution_id == institution_id)).all()


def list_lessons(tx: Connection, institution_id: int) -> PageRows:
    """Lessons held of contracts of an institution, by contract and day."""
    query: Select[Any] = select(lesson.c.contract_id, lesson.c.held_on, lesson.c.lessons)
    query = query.where(lesson.c.institution_id == institution_id, lesson.c.lessons > 0)
    return tx.execute(query.order_by(lesson.c.contract_id, lesson.c.held_on)).all()
