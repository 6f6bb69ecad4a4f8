"""The ledger of rectification (整改台账): one row a matter in a case, within a scope.

Set-wise: a page, or a whole export, costs the same few statements.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, func, or_, select

from feewatch.casework.cases import SETTLED
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRows
from feewatch.store.pages.scope import in_force, within
from feewatch.store.scope import among
from feewatch.store.tables.casework import (
    alert,
    case_event,
    case_file,
    case_matter,
    matter,
    matter_answer,
    undertaking,
)
from feewatch.store.tables.papers import paper
from feewatch.store.tables.registers import institution_fact

#: As many cases as one statement names.
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class WantedRows:
    """What a person asked the ledger for; empty means all."""

    days: tuple[Day, Day] | None = None  # on one of which the step was taken
    step: str = "open"
    district: str = ""
    state: str = ""
    is_overdue: bool = False
    is_repeated: bool = False
    text: str = ""  # part of a case number, an institution's name or its code


def on_days(moment: ColumnElement[str], first: Day, last: Day) -> ColumnElement[bool]:
    """Whether a recorded moment lies on one of these days of Shanghai."""
    return func.substr(moment, 1, 10).between(format_day(first), format_day(last))


def list_rows(
    tx: Connection,
    scope: Scope,
    wanted: WantedRows,
    today: Day,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> PageRows:
    """Matters in cases with the words of their first alert, in the order of case numbers."""
    member = alert.alias("member")
    first_alert = (
        select(func.min(member.c.id)).where(member.c.matter_id == matter.c.id).scalar_subquery()
    )
    of_matter = member.c.matter_id == matter.c.id, member.c.status != "withdrawn"
    over = (
        select(func.count()).where(*of_matter, member.c.recovered_on.is_not(None)).scalar_subquery()
    )
    query = (
        select(case_file)
        .add_columns(
            institution_fact.c.name,
            matter.c.id.label("matter_id"),
            matter.c.rule,
            matter.c.sum_fen,
            matter.c.alerts,
            matter.c.owner.label("matter_owner"),
            over.label("recovered"),
            alert.c.institution_name,
            alert.c.frozen["title"].label("title"),
            alert.c.frozen["cure"].label("cure"),
            alert.c.frozen["basis"].label("basis"),
        )
        .select_from(_joined(today).outerjoin(alert, alert.c.id == first_alert))
        .where(*_conditions(scope, wanted, today))
        .order_by(case_file.c.district, case_file.c.id, matter.c.id)
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


@dataclass(frozen=True, slots=True)
class Totals:
    """What the rows asked for come to."""

    matters: int
    cases: int
    sum_fen: int
    closed: int  # matters of cases that are closed or were looked at again since
    overdue: int  # matters of cases past their deadline
    districts: tuple[str, ...]  # of all that the person may see


def count_rows(tx: Connection, scope: Scope, wanted: WantedRows, today: Day) -> Totals:
    """Totals over all rows asked for, not the page alone."""
    closed = case((case_file.c.state.in_(("closed", "rechecked")), 1), else_=0)
    late = case((_overdue(today), 1), else_=0)
    matters, cases, sum_fen, done, overdue = tx.execute(
        select(
            func.count(),
            func.count(case_file.c.id.distinct()),
            func.coalesce(func.sum(matter.c.sum_fen), 0),
            func.coalesce(func.sum(closed), 0),
            func.coalesce(func.sum(late), 0),
        )
        .select_from(_joined(today))
        .where(*_conditions(scope, wanted, today))
    ).one()
    seen = within(scope, case_file.c.district, case_file.c.institution_id)
    places = select(case_file.c.district).where(seen).distinct().order_by(case_file.c.district)
    return Totals(matters, cases, int(sum_fen), int(done), int(overdue), tuple(tx.scalars(places)))


def events_by_case(tx: Connection, cases: Collection[int]) -> dict[int, list[Row[Any]]]:
    """The history of each case, oldest first."""
    return _by_case(tx, cases, case_event)


def answers_by_case(tx: Connection, cases: Collection[int]) -> dict[int, list[Row[Any]]]:
    """What institutions said of single matters, oldest first."""
    return _by_case(tx, cases, matter_answer)


def undertakings_by_case(tx: Connection, cases: Collection[int]) -> dict[int, list[Row[Any]]]:
    """What institutions undertook to do, oldest first."""
    return _by_case(tx, cases, undertaking)


def papers_by_case(tx: Connection, cases: Collection[int]) -> dict[int, list[Row[Any]]]:
    """The papers made in each case that are not void, oldest first."""
    return _by_case(tx, cases, paper, paper.c.voided_at.is_(None))


def _by_case(
    tx: Connection, cases: Collection[int], table: Any, *conditions: ColumnElement[bool]
) -> dict[int, list[Row[Any]]]:
    rows: dict[int, list[Row[Any]]] = defaultdict(list)
    ordered = sorted(set(cases))
    for start in range(0, len(ordered), _BATCH):
        keys = ordered[start : start + _BATCH]
        query = select(table).where(among(table.c.case_file_id, keys), *conditions)
        for row in tx.execute(query.order_by(table.c.id)):
            rows[row.case_file_id].append(row)
    return rows


def _joined(today: Day) -> Any:
    named = and_(institution_fact.c.institution_id == case_file.c.institution_id, in_force(today))
    joined = case_file.join(case_matter, case_matter.c.case_file_id == case_file.c.id)
    joined = joined.join(matter, matter.c.id == case_matter.c.matter_id)
    return joined.outerjoin(institution_fact, named)


def _overdue(today: Day) -> ColumnElement[bool]:
    return and_(case_file.c.deadline < today, case_file.c.state.not_in(SETTLED))


def _conditions(scope: Scope, wanted: WantedRows, today: Day) -> Sequence[ColumnElement[bool]]:
    conditions = [within(scope, case_file.c.district, case_file.c.institution_id)]
    if wanted.district:
        place = Scope(wanted.district)
        conditions.append(within(place, case_file.c.district, case_file.c.institution_id))
    if wanted.state:
        conditions.append(case_file.c.state == wanted.state)
    if wanted.is_overdue:
        conditions.append(_overdue(today))
    if wanted.is_repeated:
        back = _took("recur"), _took("reopen")
        conditions.append(or_(case_file.c.recurred_on.is_not(None), *back))
    if wanted.days is not None:
        conditions.append(_took(wanted.step, on_days(case_event.c.at, *wanted.days)))
    if wanted.text:
        texts = case_file.c.number, case_file.c.uscc, institution_fact.c.name
        conditions.append(or_(*(text.contains(wanted.text, autoescape=True) for text in texts)))
    return conditions


def _took(step: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    of_case = case_event.c.case_file_id == case_file.c.id
    return exists().where(of_case, case_event.c.step == step, *conditions)
