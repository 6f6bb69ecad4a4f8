"""The board of cases: what each waits for, filtered, sorted, within a scope."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)

from feewatch.casework.cases import SETTLED
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import (
    case_file,
    case_matter,
    matter,
    undertaking,
)
from feewatch.store.tables.registers import institution_fact

#: What a case may wait for, the most pressing first.
WAITS = ("answered", "recurred", "overdue", "week", "recheck", "undertaking", "second")
#: Of these the office's own: together they are what the menu counts.
PRESSING = ("answered", "recurred", "overdue", "recheck")
#: How the board may be sorted; the first unless told otherwise.
SORTS = ("waits", "deadline", "opened", "severity", "institution", "sum")
#: Days ahead that count as soon.
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class WantedCases:
    """What a person asked the board for; empty means all."""

    state: str = ""
    waits: str = ""
    owner: str = ""
    unowned: bool = False
    severity: str = ""
    district: str = ""
    text: str = ""  # part of a case number, an institution's name or its credit code
    sort: str = ""
    opened: str = ""  # in this month YYYY-MM
    closed: tuple[Day, Day] | None = None  # 销号 between these days


def waiting(name: str, today: Day, person: str) -> ColumnElement[bool]:
    """Whether a case waits for what the name says; ``person``: who asks, for a second one."""
    runs = case_file.c.state.not_in(SETTLED)
    match name:
        case "any":  # for whoever works in the office
            return or_(*(waiting(each, today, person) for each in PRESSING))
        case "answered":
            return case_file.c.state == "submitted"
        case "recurred":
            return and_(
                case_file.c.recurred_on.is_not(None),
                case_file.c.state.in_(("closed", "rechecked")),
            )
        case "overdue":
            return and_(runs, case_file.c.deadline < today)
        case "week":
            return and_(runs, case_file.c.deadline.between(today, today + SOON_DAYS))
        case "recheck":
            return and_(case_file.c.state == "closed", case_file.c.recheck_on <= today)
        case "undertaking":
            return case_file.c.id.in_(
                select(undertaking.c.case_file_id).where(
                    undertaking.c.done_on.is_(None), undertaking.c.due_on <= today + SOON_DAYS
                )
            )
        case "second":
            return and_(
                case_file.c.severity == "red",
                case_file.c.state.in_(("submitted", "accepted")),
                case_file.c.notified_by != person,
            )
    raise ValueError(name)


def list_board(
    tx: Connection,
    scope: Scope,
    wanted: WantedCases,
    today: Day,
    person: str,
    *,
    limit: int | None,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Cases with the institution's present name, their matters, sum, and what they wait for."""
    return tx.execute(_board_query(scope, wanted, today, person, limit, offset)).all()


@lru_cache(maxsize=64)
def _board_query(
    scope: Scope, wanted: WantedCases, today: Day, person: str, limit: int | None, offset: int
) -> Select[Any]:
    """The cases of the page first, then what is shown of them: sums are of these alone."""
    members = select(func.sum(matter.c.sum_fen)).select_from(case_matter.join(matter))
    sum_fen = members.where(case_matter.c.case_file_id == case_file.c.id).scalar_subquery()
    order = [*_order(wanted.sort, sum_fen, today, person), case_file.c.id.desc()]
    keys = (
        select(case_file.c.id)
        .outerjoin(institution_fact, _names(today))
        .where(*_conditions(scope, wanted, today, person))
        .order_by(*order)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    count = select(func.count()).where(case_matter.c.case_file_id == case_file.c.id)
    marks = [waiting(name, today, person).label(name) for name in WAITS]
    return (
        select(
            case_file,
            institution_fact.c.name,
            count.scalar_subquery().label("matters"),
            sum_fen.label("sum_fen"),
            *marks,
        )
        .select_from(keys)
        .join(case_file, case_file.c.id == keys.c.id)
        .outerjoin(institution_fact, _names(today))
        .order_by(*order)
    )


def count_board(
    tx: Connection, scope: Scope, wanted: WantedCases, today: Day, person: str
) -> dict[str, int]:
    """How many cases are asked for (``all``), and without its own filter by what they wait for."""
    any_wait = replace(wanted, waits="")
    chosen = waiting(wanted.waits, today, person) if wanted.waits else None
    columns = [times(chosen).label("all")]
    columns += [times(waiting(name, today, person)).label(name) for name in ("any", *WAITS)]
    query = (
        select(*columns)
        .select_from(case_file)
        .outerjoin(institution_fact, _names(today))
        .where(*_conditions(scope, any_wait, today, person))
    )
    return {name: int(count) for name, count in tx.execute(query).one()._mapping.items()}


def list_owners(tx: Connection, scope: Scope) -> list[str]:
    """The people who own cases or matters within the scope."""
    names = (
        select(case_file.c.owner)
        .where(within(scope, case_file.c.district, case_file.c.institution_id))
        .union(
            select(matter.c.owner).where(
                matter.c.owner.is_not(None),
                within(scope, matter.c.district, matter.c.institution_id),
            )
        )
    )
    return sorted(name for name in tx.scalars(names) if name)


def times(condition: ColumnElement[bool] | None) -> ColumnElement[Any]:
    """How many rows meet a condition; all of them without one."""
    if condition is None:
        return func.count()
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _names(today: Day) -> ColumnElement[bool]:
    return and_(institution_fact.c.institution_id == case_file.c.institution_id, in_force(today))


def _conditions(
    scope: Scope, wanted: WantedCases, today: Day, person: str
) -> list[ColumnElement[bool]]:
    conditions = [within(scope, case_file.c.district, case_file.c.institution_id)]
    conditions += [
        case_file.c[name] == getattr(wanted, name)
        for name in ("state", "owner", "severity")
        if getattr(wanted, name)
    ]
    if wanted.unowned:
        conditions.append(case_file.c.owner.is_(None))
    if wanted.waits:
        conditions.append(waiting(wanted.waits, today, person))
    if wanted.opened:
        conditions.append(case_file.c.opened_at.startswith(wanted.opened, autoescape=True))
    if wanted.closed:
        conditions.append(case_file.c.closed_on.between(*wanted.closed))
    if wanted.district:
        place = Scope(wanted.district)
        conditions.append(within(place, case_file.c.district, case_file.c.institution_id))
    if wanted.text:
        conditions.append(
            or_(
                case_file.c.number.contains(wanted.text, autoescape=True),
                institution_fact.c.name.contains(wanted.text, autoescape=True),
                case_file.c.uscc.contains(wanted.text.upper(), autoescape=True),
            )
        )
    return conditions


def _order(
    sort: str, sum_fen: ColumnElement[Any], today: Day, person: str
) -> list[ColumnElement[Any]]:
    settled = case_file.c.state.in_(SETTLED)
    ranked = [(waiting(name, today, person), rank) for rank, name in enumerate(WAITS)]
    by_deadline = [settled, case_file.c.deadline.is_(None), case_file.c.deadline]
    severity = case(
        {name: rank for rank, name in enumerate(SEVERITIES)}, value=case_file.c.severity
    )
    orders: dict[str, list[ColumnElement[Any]]] = {
        "deadline": by_deadline,
        "opened": [case_file.c.opened_at.desc()],
        "severity": [severity.desc(), *by_deadline],
        "institution": [institution_fact.c.name.is_(None), institution_fact.c.name],
        "sum": [sum_fen.is_(None), sum_fen.desc()],
    }
    return orders.get(sort, [case(*ranked, else_=len(WAITS)), *by_deadline])
