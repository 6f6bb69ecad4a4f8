"""Decisions in the database, and every change of one."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from feewatch.credit.decision_form import Registered
from feewatch.credit.decisions import IN_FORCE, Decision
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import LAST_DAY, Day
from feewatch.store.tables.places import premises
from feewatch.store.tables.publication import decision, decision_event
from feewatch.store.tables.registers import institution, institution_fact

_COLUMNS = [decision.c[name] for name in Decision.__dataclass_fields__]


def find_registered(tx: Connection, uscc: str) -> Registered | None:
    """The latest name and district on the register of a credit code."""
    row = tx.execute(
        select(institution_fact.c.name, institution_fact.c.district)
        .join(institution)
        .where(institution.c.uscc == uscc, institution_fact.c.valid_to == LAST_DAY)
    ).one_or_none()
    return None if row is None else Registered(*row)


def find_premises(tx: Connection, premises_no: str) -> Registered | None:
    """Name, or else address, and district of premises on the register."""
    row = tx.execute(
        select(premises.c.name, premises.c.address, premises.c.district).where(
            premises.c.premises_no == premises_no
        )
    ).one_or_none()
    return None if row is None else Registered(row.name or row.address, row.district)


def list_decisions(tx: Connection, district: str | None = None) -> list[Decision]:
    """Decisions of a district, or all, in the order in which they were recorded."""
    query = select(*_COLUMNS).order_by(decision.c.id)
    if district is not None:
        query = query.where(decision.c.district == district)
    return [Decision(*row) for row in tx.execute(query)]


def list_by_document(tx: Connection, document: str) -> list[tuple[int, Decision]]:
    """Decisions of one document with their keys: one for each list and name in it."""
    rows = tx.execute(
        select(decision.c.id, *_COLUMNS)
        .where(decision.c.document == document)
        .order_by(decision.c.id)
    )
    return [(row[0], Decision(*row[1:])) for row in rows]


def has_same(tx: Connection, other: Decision) -> bool:
    """Whether this document already puts this institution or place on this list."""
    who = or_(decision.c.uscc != "", decision.c.name == other.name)
    return (
        tx.scalar(
            select(decision.c.id).where(
                decision.c.document == other.document,
                decision.c.list == other.list,
                decision.c.uscc == other.uscc,
                who,
            )
        )
        is not None
    )


def add(tx: Connection, new: Decision, *, actor: str) -> None:
    """Record a decision."""
    key = tx.execute(
        insert(decision).values({decision.c[name]: value for name, value in asdict(new).items()})
    ).inserted_primary_key
    assert key is not None
    _add_event(tx, key[0], "added", new.decided_on, new.reason, actor, {})


def end(
    tx: Connection, keys: Collection[int], status: str, on: Day, *, reason: str, actor: str
) -> None:
    """Let decisions in force end with a status from a day on."""
    for key in keys:
        tx.execute(
            update(decision)
            .where(decision.c.id == key, decision.c.status == IN_FORCE)
            .values(status=status, ended_on=on)
        )
        _add_event(tx, key, status, on, reason, actor, {"before": IN_FORCE})


def _add_event(
    tx: Connection,
    key: int,
    change: str,
    on: Day,
    reason: str,
    actor: str,
    detail: dict[str, Any],
) -> None:
    tx.execute(
        insert(decision_event).values(
            decision_id=key,
            at=timestamp(),
            actor=actor,
            change=change,
            effective_on=on,
            reason=reason,
            detail=detail,
        )
    )
