"""Papers within a scope, with their last service: the register of numbers, a case's papers."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from feewatch.casework.papers import INSTITUTION, PAPERS
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import case_file
from feewatch.store.tables.papers import paper, paper_service
from feewatch.store.tables.registers import institution_fact

#: Kinds that an institution is served with.
_TO_INSTITUTION = [kind for kind, each in PAPERS.items() if each.goes_to == INSTITUTION]


class WantedPapers(NamedTuple):
    """What the register is filtered by; empty: everything."""

    kind: str = ""
    year: int = 0
    series: str = ""
    state: str = ""  # served, unserved, void
    institution: str = ""  # part of the name
    case: str = ""


def list_papers(
    tx: Connection,
    scope: Scope,
    wanted: WantedPapers,
    today: Day,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> PageRows:
    """Papers in the order of their numbers, the latest first; an institution's: those served."""
    query = (
        _papers(scope, today)
        .where(*_conditions(wanted))
        .order_by(paper.c.year.desc(), paper.c.series, paper.c.ordinal.desc())
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_papers(tx: Connection, scope: Scope, wanted: WantedPapers, today: Day) -> int:
    """How many there are."""
    rows = _papers(scope, today).where(*_conditions(wanted)).subquery()
    return tx.scalars(select(func.count()).select_from(rows)).one()


def find_paper(tx: Connection, scope: Scope, name: str | int, today: Day) -> PageRow | None:
    """A paper within the scope, by its number or its key."""
    column = paper.c.id if isinstance(name, int) else paper.c.number
    return tx.execute(_papers(scope, today).where(column == name)).one_or_none()


def list_years(tx: Connection, scope: Scope) -> list[int]:
    """The years of which there are papers, the latest first."""
    inside = within(scope, paper.c.district, paper.c.institution_id)
    return list(
        tx.scalars(select(paper.c.year).distinct().where(inside).order_by(paper.c.year.desc()))
    )


def list_series(tx: Connection, scope: Scope) -> list[str]:
    """The series of which there are papers."""
    inside = within(scope, paper.c.district, paper.c.institution_id)
    return list(
        tx.scalars(select(paper.c.series).distinct().where(inside).order_by(paper.c.series))
    )


def _papers(scope: Scope, today: Day) -> Select[Any]:
    last = (
        select(paper_service.c.paper_id, func.max(paper_service.c.id).label("id"))
        .group_by(paper_service.c.paper_id)
        .subquery()
    )
    names = and_(institution_fact.c.institution_id == paper.c.institution_id, in_force(today))
    query = (
        select(
            paper,
            case_file.c.number.label("case_number"),
            case_file.c.uscc,
            institution_fact.c.name,
            paper_service.c.served_on,
            paper_service.c.way,
            paper_service.c.recipient,
        )
        .outerjoin(case_file, case_file.c.id == paper.c.case_file_id)
        .outerjoin(institution_fact, names)
        .outerjoin(last, last.c.paper_id == paper.c.id)
        .outerjoin(paper_service, paper_service.c.id == last.c.id)
        .where(within(scope, paper.c.district, paper.c.institution_id))
    )
    if scope.institution_id is not None:  # what was not served it does not know of
        query = query.where(
            paper_service.c.served_on.is_not(None), paper.c.kind.in_(_TO_INSTITUTION)
        )
    return query


def _conditions(wanted: WantedPapers) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(paper.c.kind == wanted.kind)
    if wanted.year:
        conditions.append(paper.c.year == wanted.year)
    if wanted.series:
        conditions.append(paper.c.series == wanted.series)
    if wanted.institution:
        conditions.append(institution_fact.c.name.contains(wanted.institution, autoescape=True))
    if wanted.case:
        conditions.append(case_file.c.number == wanted.case)
    if wanted.state == "void":
        conditions.append(paper.c.voided_at.is_not(None))
    elif wanted.state:
        is_served = paper_service.c.served_on.is_not(None)
        conditions += [
            paper.c.voided_at.is_(None),
            is_served if wanted.state == "served" else ~is_served,
        ]
    return conditions
