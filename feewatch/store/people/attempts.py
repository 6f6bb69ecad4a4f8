"""Log-ins tried, by name and address: what the brake on guessing counts, for all processes."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, update

from feewatch.store.once import insert_once
from feewatch.store.tables.operations import log_in_attempt as attempt


class Failures(NamedTuple):
    """What failed lately: for this name from this address, and by strangers to each of both.

    ``strangers_here`` are failures from the address for names that never passed from it;
    ``strangers_of_name`` are failures of the name from addresses from which it never passed.
    """

    here: int
    last_at: str
    is_known: bool
    strangers_here: int
    strangers_of_name: int


def count_failures(tx: Connection, name: str, address: str, since: str) -> Failures:
    """The failures since a moment; those of the pair itself whenever they were."""
    row = tx.execute(
        select(attempt.c.failures, attempt.c.failed_at, attempt.c.passed_at).where(
            *_pair(name, address)
        )
    ).one_or_none()
    is_stranger = and_(attempt.c.passed_at.is_(None), attempt.c.failed_at > since)
    strangers = tx.execute(
        select(
            func.coalesce(func.sum(case((attempt.c.address == address, attempt.c.failures))), 0),
            func.coalesce(func.sum(case((attempt.c.name == name, attempt.c.failures))), 0),
        ).where(is_stranger, or_(attempt.c.address == address, attempt.c.name == name))
    ).one()
    here, last_at, passed_at = row or (0, "", None)
    return Failures(here, last_at or "", passed_at is not None, *map(int, strangers))


def add_failure(tx: Connection, name: str, address: str, at: str, *, forget: str) -> None:
    """Count a failure; what strangers failed at before ``forget`` is forgotten."""
    tx.execute(delete(attempt).where(attempt.c.passed_at.is_(None), attempt.c.failed_at < forget))
    insert_once(tx, attempt, {"name": name, "address": address, "failures": 0})
    is_old = attempt.c.failed_at < forget
    failures = case((is_old, 1), else_=attempt.c.failures + 1)
    tx.execute(update(attempt).where(*_pair(name, address)).values(failures=failures, failed_at=at))


def let_in(tx: Connection, name: str, address: str, at: str) -> None:
    """The person of the name came in from this address."""
    insert_once(tx, attempt, {"name": name, "address": address, "failures": 0})
    tx.execute(
        update(attempt)
        .where(*_pair(name, address))
        .values(failures=0, failed_at=None, passed_at=at)
    )


def _pair(name: str, address: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return attempt.c.name == name, attempt.c.address == address
