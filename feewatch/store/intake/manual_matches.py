"""Matches that officers decided: added, undone, never deleted."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, true, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.ledger.books import Given
from feewatch.store.scope import among
from feewatch.store.tables.ledger import entry, manual_match
from feewatch.store.tables.registers import account, contract, institution

#: The row of the ledger on which was decided: the one it merged into, where it did.
_entry_id = func.coalesce(entry.c.merged_into, entry.c.id)
_in_force = manual_match.c.undone_at.is_(None)


def list_given(tx: Connection, institutions: Collection[int]) -> dict[int, list[Given]]:
    """By institution the decisions in force on its entries, in the order taken."""
    columns = manual_match.c
    query = (
        select(columns.institution_id, _entry_id, columns.contract_id, columns.amount_fen)
        .join(entry, entry.c.id == columns.entry_id)
        .where(among(columns.institution_id, institutions), _in_force)
        .order_by(columns.id)
    )
    given: dict[int, list[Given]] = {}
    for institution_id, *row in tx.execute(query):
        given.setdefault(institution_id, []).append(Given(*row))
    return given


def find_entry(
    tx: Connection, account_no: str, booked_on: Day, amount_fen: int, n: int
) -> Row[Any] | None:
    """A ledger entry by its identity in alerts."""
    query = _entries().where(
        account.c.account_no == account_no,
        entry.c.booked_on == booked_on,
        entry.c.amount_fen == amount_fen,
        entry.c.n == n,
    )
    return tx.execute(query).one_or_none()


def find_entry_of_key(tx: Connection, key: int) -> Row[Any] | None:
    """The same by its key, which tells no account."""
    return tx.execute(_entries().where(entry.c.id == key)).one_or_none()


def _entries() -> Select[Any]:
    told = (entry.c.booked_on, entry.c.amount_fen, entry.c.n, entry.c.institution_id, entry.c.kind)
    return (
        select(entry.c.id, account.c.account_no, *told)
        .join(account, account.c.id == entry.c.account_id)
        .where(entry.c.merged_into.is_(None))
    )


def find_contract(tx: Connection, institution_id: int, contract_no: str) -> Row[Any] | None:
    """A contract of an institution by its number."""
    query: Select[Any] = select(contract.c.id, contract.c.fee_fen).where(
        contract.c.institution_id == institution_id, contract.c.contract_no == contract_no
    )
    return tx.execute(query).one_or_none()


def decided_on_entry(tx: Connection, institution_id: int, entry_id: int) -> int:
    """Fen of an entry on which officers decided."""
    return _sum(tx, manual_match.c.institution_id == institution_id, _entry_id == entry_id)


def decided_on_contract(tx: Connection, contract_id: int, *, pays: bool) -> int:
    """Fen that officers decided to be paid for a contract, or paid back on it."""
    side = entry.c.amount_fen > 0 if pays else entry.c.amount_fen < 0
    return _sum(tx, manual_match.c.contract_id == contract_id, side)


def _sum(tx: Connection, *conditions: ColumnElement[bool]) -> int:
    query = (
        select(func.coalesce(func.sum(manual_match.c.amount_fen), 0))
        .join(entry, entry.c.id == manual_match.c.entry_id)
        .where(_in_force, *conditions)
    )
    return int(tx.scalars(query).one())


def add(tx: Connection, institution_id: int, given: Given, *, actor: str, reason: str) -> int:
    """Put a decision on record; its key."""
    values = given._asdict() | {"actor": actor, "reason": reason, "at": timestamp()}
    added = tx.execute(insert(manual_match).values(institution_id=institution_id, **values))
    key = added.inserted_primary_key
    assert key is not None
    return int(key[0])


def undo(tx: Connection, key: int, *, actor: str, reason: str) -> bool:
    """Take a decision back; whether it was in force."""
    undone = tx.execute(
        update(manual_match)
        .where(manual_match.c.id == key, _in_force)
        .values(undone_by=actor, undone_reason=reason, undone_at=timestamp())
    )
    return undone.rowcount == 1


def find(tx: Connection, key: int) -> Row[Any] | None:
    """A decision with the entry and the contract on which it was taken."""
    return tx.execute(_decisions().where(manual_match.c.id == key)).one_or_none()


def list_decisions(
    tx: Connection,
    condition: ColumnElement[bool] | None = None,
    *,
    limit: int | None = None,
    in_force: bool = True,
) -> Sequence[Row[Any]]:
    """Decisions, the latest first: those in force, or all with what became of them."""
    query = _decisions().where(true() if condition is None else condition)
    query = query.where(_in_force) if in_force else query
    return tx.execute(query.order_by(manual_match.c.id.desc()).limit(limit)).all()


def _decisions() -> Select[Any]:
    ledger_row = entry.alias("ledger_row")
    return (
        select(
            manual_match,
            institution.c.uscc,
            contract.c.contract_no,
            account.c.account_no,
            *(ledger_row.c[name].label(f"entry_{name}") for name in ("booked_on", "n")),
            ledger_row.c.amount_fen.label("entry_fen"),
        )
        .join(entry, entry.c.id == manual_match.c.entry_id)
        .join(ledger_row, ledger_row.c.id == _entry_id)
        .join(account, account.c.id == ledger_row.c.account_id)
        .join(contract, contract.c.id == manual_match.c.contract_id)
        .join(institution, institution.c.id == manual_match.c.institution_id)
    )
