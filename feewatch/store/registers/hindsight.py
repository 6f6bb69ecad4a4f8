"""What was on file on a day: changes of registers since, coverage, files received, decisions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, update

from feewatch.kernel.days import Day, format_day
from feewatch.store.tables import ledger, operations
from feewatch.store.tables import registers as tables

RELEASE, REJECT = "quarantine.release", "quarantine.reject"


def _end_of(day: Day) -> str:
    """The moment at which a day has ended, as moments are stored."""
    return format_day(day + 1)


def list_changes_since(tx: Connection, kind: str, day: Day) -> Sequence[Row[Any]]:
    """(key, before) of each change of a register made after a day, the latest first."""
    change = tables.register_change
    query: Select[Any] = select(change.c.key, change.c.before).where(
        change.c.kind == kind, change.c.at >= _end_of(day)
    )
    return tx.execute(query.order_by(change.c.id.desc())).all()


def list_coverage(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """(uscc, register, from_day, to_day, declared, told_by) of the coverage on record by a day."""
    coverage, institution = tables.coverage, tables.institution
    known = or_(coverage.c.recorded_on.is_(None), coverage.c.recorded_on <= day)
    named = (coverage.c[each] for each in ("register", "from_day", "to_day", "declared", "told_by"))
    query: Select[Any] = select(institution.c.uscc, *named).join_from(coverage, institution)
    return tx.execute(query.where(known)).all()


def set_imported(tx: Connection, account_no: str, day: Day | None) -> None:
    """Let an account have been put on file on a day, where that is known."""
    if day is not None:
        is_account = tables.account.c.account_no == account_no
        tx.execute(update(tables.account).where(is_account).values(imported_on=day))


def list_files(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """(sha256, dialect, received_at, provenance) of files with statements by a day, in order."""
    file = ledger.source_file
    with_statements = file.c.sha256.in_(select(ledger.statement.c.file_sha256))
    query: Select[Any] = select(
        file.c.sha256, file.c.dialect, file.c.received_at, file.c.provenance
    ).where(file.c.received_at < _end_of(day), with_statements)
    return tx.execute(query.order_by(file.c.received_at, file.c.sha256)).all()


def list_decided(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """(action, object) of the decisions on quarantined statements by a day, in order."""
    audit = operations.audit
    query: Select[Any] = select(audit.c.action, audit.c.object).where(
        audit.c.action.in_((RELEASE, REJECT)), audit.c.at < _end_of(day)
    )
    return tx.execute(query.order_by(audit.c.id)).all()


def list_matches(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """Officers' matches in force at the end of a day, with the row and the contract."""
    given, entry, statement = ledger.manual_match, ledger.entry, ledger.statement
    in_force = or_(given.c.undone_at.is_(None), given.c.undone_at >= _end_of(day))
    query: Select[Any] = (
        select(
            given.c.amount_fen,
            statement.c.file_sha256,
            statement.c.n,
            entry.c.seq,
            tables.contract.c.contract_no,
        )
        .join_from(given, entry)
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(tables.contract, tables.contract.c.id == given.c.contract_id)
        .where(given.c.at < _end_of(day), in_force)
    )
    return tx.execute(query.order_by(given.c.id)).all()


def find_row(tx: Connection, sha256: str, n: int, seq: int) -> Row[Any] | None:
    """(id, institution_id) of a row of a statement, where it was booked."""
    entry, statement = ledger.entry, ledger.statement
    query: Select[Any] = select(entry.c.id, entry.c.institution_id).join_from(
        entry, statement, statement.c.id == entry.c.statement_id
    )
    row = query.where(statement.c.file_sha256 == sha256, statement.c.n == n, entry.c.seq == seq)
    return tx.execute(row).one_or_none()
