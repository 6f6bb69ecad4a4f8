"""Cases and their matters and events, within a scope."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from feewatch.casework.cases import ADDRESSED_STEPS, SETTLED
from feewatch.casework.states import OPEN, WITHDRAWN
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.scope import among
from feewatch.store.tables.casework import (
    alert,
    case_event,
    case_file,
    case_matter,
    matter,
    matter_answer,
    objection,
)
from feewatch.store.tables.papers import attachment
from feewatch.store.tables.registers import institution_fact


def list_cases(
    tx: Connection,
    scope: Scope,
    today: Day,
    *,
    institution_id: int | None = None,
    state: str = "",
    limit: int | None = 50,
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


def list_leading(tx: Connection, matter_ids: Collection[int]) -> dict[int, Row[Any]]:
    """Of each matter the alert that says most of it: standing, of the largest sum, the first."""
    amount = func.coalesce(alert.c.amount_fen, -1)
    rank = func.row_number().over(
        partition_by=alert.c.matter_id,
        order_by=(alert.c.status == WITHDRAWN, amount.desc(), alert.c.on_day, alert.c.id),
    )
    ranked = (
        select(alert.c.id, rank.label("rank"))
        .where(among(alert.c.matter_id, matter_ids))
        .subquery()
    )
    query = select(alert).join(ranked, ranked.c.id == alert.c.id).where(ranked.c.rank == 1)
    return {row.matter_id: row for row in tx.execute(query)}


def list_answers(tx: Connection, case_id: int) -> dict[int, list[Row[Any]]]:
    """What the institution said of each matter, by matter, oldest first, with when."""
    query: Select[Any] = (
        select(matter_answer, case_event.c.at)
        .join(case_event, case_event.c.id == matter_answer.c.case_event_id)
        .where(matter_answer.c.case_file_id == case_id)
        .order_by(matter_answer.c.id)
    )
    by_matter: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in tx.execute(query):
        by_matter[row.matter_id].append(row)
    return by_matter


def list_takeable(
    tx: Connection, scope: Scope, institution_id: int | None, uscc: str
) -> Sequence[Row[Any]]:
    """The open matters of an institution that a case of it could take in, the latest first."""
    of_institution = (
        matter.c.institution_id == institution_id
        if institution_id is not None
        else matter.c.institution_id.is_(None)
    )
    query = select(matter).where(
        within(scope, matter.c.district, matter.c.institution_id),
        of_institution,
        matter.c.uscc == uscc,
        matter.c.status == OPEN,
    )
    return tx.execute(query.order_by(matter.c.last_day.desc(), matter.c.id).limit(100)).all()


def _cases(scope: Scope, today: Day) -> Select[Any]:
    names = and_(institution_fact.c.institution_id == case_file.c.institution_id, in_force(today))
    return (
        select(case_file, institution_fact.c.name)
        .outerjoin(institution_fact, names)
        .where(within(scope, case_file.c.district, case_file.c.institution_id))
    )
