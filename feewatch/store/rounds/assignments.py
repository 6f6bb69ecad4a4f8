"""Whose institutions are: written with their reason, ended with a last day, never taken away."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, or_, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.rounds.months import Assignment
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.operations import user
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import inspector_assignment


def runs_on(day: Day) -> ColumnElement[bool]:
    """Whether an assignment runs on a day."""
    c = inspector_assignment.c
    return and_(c.from_day <= day, or_(c.to_day.is_(None), c.to_day >= day))


def add(
    tx: Connection,
    inspector: str,
    institution_id: int,
    first: Day,
    *,
    last: Day | None,
    is_substitute: bool,
    actor: str,
    reason: str,
) -> None:
    """An institution is an inspector's from a day on."""
    tx.execute(
        insert(inspector_assignment).values(
            inspector=inspector,
            institution_id=institution_id,
            is_substitute=is_substitute,
            from_day=first,
            to_day=last,
            assigned_by=actor,
            assigned_at=timestamp(),
            reason=reason,
        )
    )


def list_overlapping(
    tx: Connection, institution_id: int, first: Day, last: Day | None
) -> Sequence[Row[Any]]:
    """Assignments of an institution on any day of a span, held until the end."""
    c = inspector_assignment.c
    query = select(inspector_assignment).where(
        c.institution_id == institution_id, or_(c.to_day.is_(None), c.to_day >= first)
    )
    if last is not None:
        query = query.where(c.from_day <= last)
    return tx.execute(query.order_by(c.id).with_for_update()).all()


def end(tx: Connection, key: int, last: Day) -> None:
    """Let an assignment run until a day and no longer."""
    c = inspector_assignment.c
    tx.execute(update(inspector_assignment).where(c.id == key).values(to_day=last))


def may_visit(tx: Connection, inspector: str, institution_id: int, day: Day) -> bool:
    """Whether an institution is an inspector's on a day, also in another's place."""
    c = inspector_assignment.c
    query = select(c.id).where(
        c.inspector == inspector, c.institution_id == institution_id, runs_on(day)
    )
    return tx.scalar(query.limit(1)) is not None


def list_own(tx: Connection, inspector: str, day: Day) -> Sequence[Row[Any]]:
    """The institutions of an inspector on a day, by name."""
    c = inspector_assignment.c
    query = (
        select(institution.c.id, institution.c.uscc, institution_fact.c.name, c.is_substitute)
        .add_columns(institution_fact.c.district)
        .join_from(inspector_assignment, institution)
        .join(
            institution_fact,
            and_(institution_fact.c.institution_id == institution.c.id, in_force(day)),
        )
        .where(c.inspector == inspector, runs_on(day))
        .order_by(institution_fact.c.name, institution.c.uscc)
    )
    return tx.execute(query).all()


def list_within(tx: Connection, scope: Scope, day: Day) -> Sequence[Row[Any]]:
    """Every assignment that has not ended by a day, with the institution, by inspector and name."""
    c = inspector_assignment.c
    query = (
        select(inspector_assignment, institution.c.uscc, institution_fact.c.name)
        .add_columns(institution_fact.c.district)
        .join_from(inspector_assignment, institution)
        .join(
            institution_fact,
            and_(institution_fact.c.institution_id == institution.c.id, in_force(day)),
        )
        .where(
            or_(c.to_day.is_(None), c.to_day >= day),
            within(scope, institution_fact.c.district, institution.c.id),
        )
        .order_by(c.inspector, institution_fact.c.name, c.id)
    )
    return tx.execute(query).all()


def list_spans(tx: Connection, scope: Scope, first: Day, last: Day) -> list[Assignment]:
    """Assignments on any day of a span of institutions within a scope on its last day."""
    c = inspector_assignment.c
    query = (
        select(c.inspector, c.institution_id, c.from_day, c.to_day, c.is_substitute)
        .join(
            institution_fact,
            and_(institution_fact.c.institution_id == c.institution_id, in_force(last)),
        )
        .where(
            c.from_day <= last,
            or_(c.to_day.is_(None), c.to_day >= first),
            within(scope, institution_fact.c.district, c.institution_id),
        )
        .order_by(c.id)
    )
    return [Assignment(*row) for row in tx.execute(query)]


def list_unassigned(tx: Connection, scope: Scope, day: Day) -> Sequence[Row[Any]]:
    """Institutions within a scope that are no inspector's on a day, by name."""
    c = inspector_assignment.c
    taken = select(c.institution_id).where(runs_on(day), c.is_substitute.is_(False))
    query: Select[Any] = (
        select(institution.c.uscc, institution_fact.c.name, institution_fact.c.district)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(
            in_force(day),
            within(scope, institution_fact.c.district, institution.c.id),
            institution.c.id.not_in(taken),
        )
        .order_by(institution_fact.c.name, institution.c.uscc)
    )
    return tx.execute(query).all()


def list_inspectors(tx: Connection) -> list[str]:
    """The log-in names of inspectors who may log in."""
    query = select(user.c.name).where(user.c.role == "inspector", user.c.disabled.is_(False))
    return list(tx.scalars(query.order_by(user.c.name)))
