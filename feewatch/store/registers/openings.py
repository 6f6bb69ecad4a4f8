"""Opening statements: added, signed, never deleted; what they are compared with."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    case,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, format_day
from feewatch.store.tables.ledger import account_coverage, account_day, statement
from feewatch.store.tables.openings import opening_row, opening_statement
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import account, contract, institution, institution_fact

_signed = opening_statement.c.signed_by.is_not(None)


def find_supervised_from(tx: Connection, institution_id: int, day: Day) -> Day | None:
    """The first day under supervision, as the facts in force on a day have it."""
    fact = institution_fact.c
    query = select(fact.supervised_from).where(
        fact.institution_id == institution_id, fact.valid_from <= day, fact.valid_to >= day
    )
    return tx.scalars(query).one_or_none()


def fee_accounts(tx: Connection, institution_id: int) -> dict[str, int]:
    """Account number -> key of the fee accounts of an institution."""
    query = select(account.c.account_no, account.c.id).where(
        account.c.institution_id == institution_id, account.c.kind == "fee"
    )
    return {row.account_no: row.id for row in tx.execute(query)}


def contracts_paid_before(
    tx: Connection, institution_id: int, day: Day
) -> dict[str, tuple[int, int]]:
    """Contract number -> (key, fen) of the prepaid contracts paid before a day, and what was paid.

    Of a contract in charges that is the charges paid before it.
    """
    of_charges = (
        select(func.sum(case((charge.c.paid_on < day, charge.c.amount_fen), else_=0)))
        .where(charge.c.contract_id == contract.c.id)
        .correlate(contract)
        .scalar_subquery()
    )
    at_once = case((contract.c.paid_on < day, contract.c.fee_fen), else_=0)
    paid = cast(func.coalesce(of_charges, at_once), BigInteger).label("paid")
    query = select(contract.c.contract_no, contract.c.id, paid).where(
        contract.c.institution_id == institution_id,
        contract.c.payment == "prepaid",
        or_(contract.c.paid_on < day, paid > 0),
    )
    rows = tx.execute(query).all()
    charged = set(
        tx.scalars(select(charge.c.contract_id).where(charge.c.institution_id == institution_id))
    )
    return {number: (key, fen) for number, key, fen in rows if fen > 0 or key not in charged}


def find_bank_balance(tx: Connection, account_id: int, day: Day) -> int | None:
    """What the bank says was in an account as a day began, where statements reach that far."""
    stated = statement.c
    opening: int | None = tx.scalars(
        select(stated.opening_fen)
        .where(
            stated.account_id == account_id,
            stated.status == "accepted",
            stated.from_day == day,
            stated.opening_fen.is_not(None),
        )
        .order_by(stated.id)
        .limit(1)
    ).one_or_none()
    if opening is not None:
        return opening
    covered = account_coverage.c
    before = select(covered.id).where(
        covered.account_id == account_id, covered.from_day < day, covered.to_day >= day - 1
    )
    closing = (
        select(account_day.c.closing_fen)
        .where(account_day.c.account_id == account_id, account_day.c.day < day, before.exists())
        .order_by(account_day.c.day.desc())
        .limit(1)
    )
    balance: int | None = tx.scalars(closing).one_or_none()
    return balance


def add(
    tx: Connection,
    institution_id: int,
    day: Day,
    rows: Iterable[tuple[int | None, int | None, int]],
    *,
    file_sha256: str,
    actor: str,
) -> int:
    """Put a statement with its (account, contract, fen) on record, unsigned; its key."""
    head = {"file_sha256": file_sha256, "added_by": actor, "added_at": timestamp()}
    added = tx.execute(
        insert(opening_statement).values(institution_id=institution_id, day=day, **head)
    )
    assert added.inserted_primary_key is not None
    key = int(added.inserted_primary_key[0])
    names = ("account_id", "contract_id", "amount_fen")
    values = [dict(zip(names, row, strict=True)) | {"opening_statement_id": key} for row in rows]
    if values:
        tx.execute(insert(opening_row), values)
    return key


def sign(tx: Connection, key: int, *, actor: str, reason: str) -> bool:
    """Sign a statement; whether it was unsigned."""
    signed = tx.execute(
        update(opening_statement)
        .where(opening_statement.c.id == key, ~_signed)
        .values(signed_by=actor, signed_reason=reason, signed_at=timestamp())
    )
    return signed.rowcount == 1


def list_statements(tx: Connection, institution_id: int) -> Sequence[Row[Any]]:
    """The statements of an institution, the latest first."""
    query: Select[Any] = select(opening_statement).where(
        opening_statement.c.institution_id == institution_id
    )
    return tx.execute(query.order_by(opening_statement.c.id.desc())).all()


def list_rows(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """(account_id, account_no, contract_no, amount_fen) of a statement, as they stood in it."""
    row = opening_row.c
    query: Select[Any] = (
        select(row.account_id, account.c.account_no, contract.c.contract_no, row.amount_fen)
        .join_from(opening_row, account, isouter=True)
        .join(contract, contract.c.id == row.contract_id, isouter=True)
    )
    return tx.execute(query.where(row.opening_statement_id == key).order_by(row.id)).all()


def list_signed_by(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """All statements signed by the end of a day, with the uscc, in the order added."""
    query: Select[Any] = (
        select(opening_statement, institution.c.uscc)
        .join_from(opening_statement, institution)
        .where(opening_statement.c.signed_at < format_day(day + 1))
    )
    return tx.execute(query.order_by(opening_statement.c.id)).all()
