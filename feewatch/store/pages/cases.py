"""Cases and their matters and events, within a scope."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from feewatch.casework.cases import ADDRESSED_STEPS, SETTLED
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import case_event, case_file, case_matter, matter, objection
from feewatch.store.tables.papers import attachment
from feewatch.store.tables.registers import institution_fact


def list_cases(
    tx: Connection,
    scope: Scope,
    today: Day,
    *,
    institution_id: int | None = None,
    state: str = "",
    limit: int = 50,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Cases, those with the nearest deadline first, the ended last."""
    query = _cases(scope, today)
    if institution_id is not None:
        query = query.where(case_file.c.institution_id == institution_id)
    if state:
        query = query.where(case_file.c.state == state)
    query = query.order_by(
        case_file.c.state.in_(SETTLED),
        case_file.c.deadline.is_(None),
        case_file.c.deadline,
        case_file.c.id.desc(),
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_cases(tx: Connection, scope: Scope, *, state: str = "") -> int:
    """How many cases there are."""
    query = (
        select(func.count())
        .select_from(case_file)
        .where(within(scope, case_file.c.district, case_file.c.institution_id))
    )
    return tx.scalars(query.where(case_file.c.state == state) if state else query).one()


def find_case(tx: Connection, scope: Scope, number: str, today: Day) -> Row[Any] | None:
    """A case with its institution's present name."""
    return tx.execute(_cases(scope, today).where(case_file.c.number == number)).one_or_none()


def list_events(tx: Connection, case_id: int) -> Sequence[Row[Any]]:
    """What happened to a case, oldest first; the caller has found the case within the scope."""
    return tx.execute(
        select(case_event).where(case_event.c.case_file_id == case_id).order_by(case_event.c.id)
    ).all()


def list_matters(tx: Connection, case_id: int) -> Sequence[Row[Any]]:
    """The matters of a case; the caller has found the case within the scope."""
    return tx.execute(
        select(matter)
        .join(case_matter)
        .where(case_matter.c.case_file_id == case_id)
        .order_by(matter.c.id)
    ).all()


def list_attachments(tx: Connection, case_id: int, *, only_told: bool) -> Sequence[Row[Any]]:
    """The files of a case, oldest first; the caller has found the case within the scope.

    ``only_told``: those of the institution, and those that were addressed to it.
    """
    told = or_(
        attachment.c.by_institution,
        case_event.c.step.in_(ADDRESSED_STEPS),
        objection.c.answered_at.is_not(None),
    )
    query: Select[Any] = (
        select(attachment, case_event.c.step)
        .outerjoin(case_event, case_event.c.id == attachment.c.case_event_id)
        .outerjoin(objection, objection.c.id == attachment.c.objection_id)
        .where(attachment.c.case_file_id == case_id)
        .order_by(attachment.c.id)
    )
    return tx.execute(query.where(told) if only_told else query).all()


def _cases(scope: Scope, today: Day) -> Select[Any]:
    names = and_(institution_fact.c.institution_id == case_file.c.institution_id, in_force(today))
    return (
        select(case_file, institution_fact.c.name)
        .outerjoin(institution_fact, names)
        .where(within(scope, case_file.c.district, case_file.c.institution_id))
    )
