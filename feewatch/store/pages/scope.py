"""Scope as SQL: every page query takes one, so that no row leaves its district or institution."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, true
from sqlalchemy.sql.expression import FromClause

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.kernel.places import prefix
from feewatch.store.tables.casework import alert, case_file, case_matter, matter, transfer
from feewatch.store.tables.papers import paper
from feewatch.store.tables.places import site
from feewatch.store.tables.registers import institution, institution_fact

#: The largest surrogate key that both databases can compare with.
MAX_KEY = 2**31 - 1


def within(
    scope: Scope, district: ColumnElement[str], institution_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether a row lies within the scope: by its place, whose it is, and its department.

    The department is asked of matters, alerts, cases and the papers of cases, wherever their own
    columns are given: no query of them has to think of it.
    """
    digits = prefix(scope.district)
    conditions: list[ColumnElement[bool]] = [true()]
    if digits:
        conditions.append(district.between(digits.ljust(6, "0"), digits.ljust(6, "9")))
    if scope.institution_id is not None:
        conditions.append(institution_id == scope.institution_id)
    if scope.department is not None and district.table is not None:
        conditions.append(_of_department(scope.department, district.table))
    return and_(*conditions)


def _of_department(department: str, table: FromClause) -> ColumnElement[bool]:
    """Whether a row is a department's own, or of a case that was handed to or by it."""
    # under names of their own: the query may hold these tables itself
    case, link, act = case_file.alias(), case_matter.alias(), transfer.alias()
    handed = select(act.c.case_file_id).where(
        or_(
            act.c.from_department == department,
            and_(act.c.to_department == department, act.c.state != "withdrawn"),
        )
    )
    if table is paper:
        own = select(case.c.id).where(or_(case.c.department == department, case.c.id.in_(handed)))
        return or_(paper.c.case_file_id.is_(None), paper.c.case_file_id.in_(own))
    if table is case_file:
        return or_(case_file.c.department == department, case_file.c.id.in_(handed))
    members = select(link.c.matter_id).where(link.c.case_file_id.in_(handed))
    if table is matter:
        return or_(matter.c.department == department, matter.c.id.in_(members))
    if table is alert:
        return or_(alert.c.department == department, alert.c.matter_id.in_(members))
    return true()


def seen(
    scope: Scope, district: ColumnElement[str], institution_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether a row lies within the scope or is of an institution with a site open in its place.

    For looking alone: what is decided asks ``within`` or ``Scope.sees``.
    """
    inside, day = within(scope, district, institution_id), today()
    digits = prefix(scope.district)
    if not digits or scope.institution_id is not None:
        return inside
    # asked once, not for every row
    with_site = select(site.c.institution_id).where(
        site.c.district.between(digits.ljust(6, "0"), digits.ljust(6, "9")),
        or_(site.c.opened_on.is_(None), site.c.opened_on <= day),
        or_(site.c.closed_on.is_(None), site.c.closed_on > day),
    )
    return or_(inside, institution_id.in_(with_site))


def in_force(day: Day) -> ColumnElement[bool]:
    """Whether an institution's facts are those in force on a day."""
    return and_(institution_fact.c.valid_from <= day, institution_fact.c.valid_to >= day)


def institutions_within(scope: Scope, day: Day) -> Select[tuple[int]]:
    """The keys of the institutions within the scope by their facts on a day."""
    return (
        select(institution.c.id)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(in_force(day), within(scope, institution_fact.c.district, institution.c.id))
    )


def lies_within(scope: Scope, institution_id: ColumnElement[Any], day: Day) -> ColumnElement[bool]:
    """Whether a row's institution lies within the scope by its facts on a day.

    Asked of each row by itself: for few rows, where ``institutions_within`` would list them all.
    """
    facts = institution_fact.alias()
    query = select(facts.c.id).where(
        facts.c.institution_id == institution_id,
        facts.c.valid_from <= day,
        facts.c.valid_to >= day,
        within(scope, facts.c.district, facts.c.institution_id),
    )
    return query.exists()


def list_within(tx: Connection, scope: Scope, day: Day) -> list[int]:
    """The keys of the institutions within the scope by their facts on a day."""
    return list(tx.scalars(institutions_within(scope, day)))
