"""Proposals as pages and commands show them, within a scope, and what waits at each alert."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import alert
from feewatch.store.tables.proposals import proposal, proposal_alert, proposal_event
from feewatch.store.tables.registers import institution, institution_fact


def list_proposals(
    tx: Connection,
    scope: Scope,
    day: Day,
    *,
    state: str = "",
    key: int | None = None,
    limit: int = 500,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Proposals with their institution: those that wait first the oldest, then the latest."""
    query = _proposals(scope, day, state)
    if key is not None:
        query = query.where(proposal.c.id == key)
    waits = proposal.c.state == "open"
    query = query.order_by(waits.desc(), proposal.c.id.desc())
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_proposals(tx: Connection, scope: Scope, day: Day, *, state: str = "") -> int:
    """How many there are."""
    query = _proposals(scope, day, state)
    return tx.scalars(select(func.count()).select_from(query.subquery())).one()


def _proposals(scope: Scope, day: Day, state: str) -> Select[Any]:
    facts = and_(institution_fact.c.institution_id == proposal.c.institution_id, in_force(day))
    query = (
        select(proposal, institution.c.uscc, institution_fact.c.name, institution_fact.c.district)
        .join(institution, institution.c.id == proposal.c.institution_id)
        .join(institution_fact, facts)
        .where(within(scope, institution_fact.c.district, proposal.c.institution_id))
    )
    return query.where(proposal.c.state == state) if state else query


def list_events(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """The history of a proposal, oldest first."""
    event = proposal_event
    query = select(event).where(event.c.proposal_id == key).order_by(event.c.id)
    return tx.execute(query).all()


def list_alert_ids(tx: Connection, key: int) -> list[str]:
    """The alerts that wait with a proposal, also those that no check has opened yet."""
    query = select(proposal_alert.c.alert_id).where(proposal_alert.c.proposal_id == key)
    return list(tx.scalars(query.order_by(proposal_alert.c.alert_id)))


def list_alerts(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """The same as they stand on record."""
    query = select(alert).join(proposal_alert, proposal_alert.c.alert_id == alert.c.id)
    query = query.where(proposal_alert.c.proposal_id == key)
    return tx.execute(query.order_by(alert.c.on_day.desc(), alert.c.id)).all()


def list_matters_waiting(tx: Connection) -> set[int]:
    """The matters with an alert that waits with an open proposal."""
    query = (
        select(alert.c.matter_id)
        .join(proposal_alert, proposal_alert.c.alert_id == alert.c.id)
        .join(proposal, proposal.c.id == proposal_alert.c.proposal_id)
        .where(proposal.c.state == "open")
    )
    return set(tx.scalars(query.distinct()))
