"""The inbox by institution or rule: groups with their gravest matters, and counts to filter by."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Subquery,
    and_,
    case,
    func,
    select,
)

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.inbox import Wanted, conditions_of, severity_rank, source_of
from feewatch.store.pages.scope import in_force
from feewatch.store.tables.casework import alert, case_file, case_matter, matter
from feewatch.store.tables.registers import contract, institution_fact

#: What the inbox may be counted by; a filter leaves its own counts as they would be without it.
FACETS = ("severity", "status", "authority", "rule", "district", "owner")


def count_facets(
    tx: Connection, scope: Scope, wanted: Wanted, today: Day
) -> list[tuple[tuple[Any, ...], int]]:
    """Matters by all facets at once; the filters on facets themselves are left out.

    Each row holds the values in the order of ``FACETS`` and a count.
    """
    columns = [matter.c[name] for name in FACETS]
    query = (
        select(*columns, func.count())
        .select_from(source_of(wanted, today))
        .where(*conditions_of(scope, wanted, facets=False))
        .group_by(*columns)
    )
    return [(tuple(row[:-1]), int(row[-1])) for row in tx.execute(query)]


def list_groups(
    tx: Connection,
    scope: Scope,
    wanted: Wanted,
    today: Day,
    *,
    by: str,
    limit: int,
    offset: int,
) -> Sequence[Row[Any]]:
    """Groups of matters: ``value`` (a credit code or a rule), count, sum, gravest, oldest, due."""
    value = matter.c.uscc if by == "institution" else matter.c.rule
    due = func.min(case_file.c.deadline)
    source: FromClause = source_of(wanted, today, is_named=wanted.sort == "name")
    if wanted.sort == "due":
        source = source.outerjoin(case_matter, case_matter.c.matter_id == matter.c.id).outerjoin(
            case_file, case_file.c.id == case_matter.c.case_file_id
        )
    sum_fen = func.sum(matter.c.sum_fen)
    gravest, oldest = func.max(severity_rank), func.min(matter.c.opened_at)
    orders: dict[str, list[ColumnElement[Any]]] = {
        "sum": [func.coalesce(sum_fen, -1).desc()],
        "age": [oldest],
        "due": [due.is_(None), due],
        "name": [func.min(institution_fact.c.name)] if by == "institution" else [value],
        "count": [func.count().desc()],
    }
    usual = [gravest.desc(), func.coalesce(sum_fen, -1).desc()]
    query = (
        select(
            value.label("value"),
            func.count().label("matters"),
            sum_fen.label("sum_fen"),
            gravest.label("gravest"),
            oldest.label("opened_at"),
            func.count(matter.c.uscc.distinct()).label("institutions"),
        )
        .select_from(source)
        .where(*conditions_of(scope, wanted))
        .group_by(value)
        .order_by(*orders.get(wanted.sort, usual), value)
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_groups(tx: Connection, scope: Scope, wanted: Wanted, today: Day, by: str) -> int:
    """How many groups there are."""
    value = matter.c.uscc if by == "institution" else matter.c.rule
    query = (
        select(func.count(value.distinct()))
        .select_from(source_of(wanted, today))
        .where(*conditions_of(scope, wanted))
    )
    return tx.scalars(query).one()


def list_gravest(
    tx: Connection,
    scope: Scope,
    wanted: Wanted,
    today: Day,
    *,
    by: str,
    values: Collection[str],
    most: int,
) -> Sequence[Row[Any]]:
    """Of each group named its gravest matters, at most so many, with name, case and worst alert."""
    value = matter.c.uscc if by == "institution" else matter.c.rule
    place = (
        func.row_number()
        .over(
            partition_by=value,
            order_by=(
                severity_rank.desc(), func.coalesce(matter.c.sum_fen, -1).desc(), matter.c.id,
            ),
        )
        .label("place")
    )  # fmt: skip
    ranked = (
        select(matter.c.id, place)
        .select_from(source_of(wanted, today))
        .where(value.in_(values), *conditions_of(scope, wanted))
        .subquery()
    )
    keys = select(ranked.c.id, ranked.c.place).where(ranked.c.place <= most).subquery()
    return _detailed(tx, keys, today, [keys.c.place])


def list_flat(
    tx: Connection,
    scope: Scope,
    wanted: Wanted,
    today: Day,
    *,
    limit: int,
    offset: int,
) -> Sequence[Row[Any]]:
    """Matters one by one, with name, case and worst alert."""
    source: FromClause = source_of(wanted, today, is_named=wanted.sort == "name")
    if wanted.sort == "due":
        source = source.outerjoin(case_matter, case_matter.c.matter_id == matter.c.id).outerjoin(
            case_file, case_file.c.id == case_matter.c.case_file_id
        )
    orders: dict[str, list[ColumnElement[Any]]] = {
        "sum": [func.coalesce(matter.c.sum_fen, -1).desc()],
        "age": [matter.c.opened_at],
        "due": [case_file.c.deadline.is_(None), case_file.c.deadline],
        "name": [institution_fact.c.name],
        "count": [matter.c.alerts.desc()],
    }
    usual = [severity_rank.desc(), matter.c.last_day.desc()]
    order = [*orders.get(wanted.sort, usual), matter.c.id]
    place = func.row_number().over(order_by=order).label("place")
    keys = (
        select(matter.c.id, place)
        .select_from(source)
        .where(*conditions_of(scope, wanted))
        .order_by(*order)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    return _detailed(tx, keys, today, [keys.c.place])


def list_siblings(
    tx: Connection, scope: Scope, matter_id: int, today: Day, most: int
) -> Sequence[Row[Any]]:
    """Other matters of the institution of a matter that are not ended, the gravest first."""
    uscc = select(matter.c.uscc).where(matter.c.id == matter_id).scalar_subquery()
    place = func.row_number().over(order_by=(severity_rank.desc(), matter.c.id)).label("place")
    keys = (
        select(matter.c.id, place)
        .where(
            matter.c.uscc == uscc,
            matter.c.uscc != "",
            matter.c.id != matter_id,
            matter.c.status.in_(("open", "in_case")),
            *conditions_of(scope, Wanted(historic=None)),
        )
        .order_by(severity_rank.desc(), matter.c.id)
        .limit(most)
        .subquery()
    )
    return _detailed(tx, keys, today, [keys.c.place])


def sum_fees(tx: Connection, matter_ids: Collection[int]) -> dict[int, int]:
    """By matter the fees of the contracts that its alerts are about; others are left out."""
    about = and_(
        contract.c.institution_id == alert.c.institution_id,
        contract.c.contract_no == alert.c.subject_id,
    )
    contracts = (
        select(alert.c.matter_id, contract.c.id, contract.c.fee_fen)
        .join(contract, about)
        .where(
            alert.c.matter_id.in_(matter_ids),
            alert.c.subject_kind == "contract",
            alert.c.status != "withdrawn",
        )
        .distinct()
        .subquery()
    )
    query = select(contracts.c.matter_id, func.sum(contracts.c.fee_fen))
    rows = tx.execute(query.group_by(contracts.c.matter_id))
    return {matter_id: int(fee_fen) for matter_id, fee_fen in rows}


def _detailed(
    tx: Connection, keys: Subquery, today: Day, order: Sequence[ColumnElement[Any]]
) -> Sequence[Row[Any]]:
    """Matters by their keys with name, case, and of each its worst alert."""
    rank = case({name: rank for rank, name in enumerate(SEVERITIES)}, value=alert.c.severity)
    nth = (
        func.row_number()
        .over(
            partition_by=alert.c.matter_id,
            order_by=(
                alert.c.status == "withdrawn", rank.desc(),
                func.coalesce(alert.c.amount_fen, -1).desc(), alert.c.id,
            ),
        )
        .label("nth")
    )  # fmt: skip
    worst = (
        select(alert.c.id, alert.c.matter_id, nth)
        .where(alert.c.matter_id.in_(select(keys.c.id)))
        .subquery()
    )
    names = and_(institution_fact.c.institution_id == matter.c.institution_id, in_force(today))
    query = (
        select(
            matter,
            institution_fact.c.name,
            case_file.c.number.label("case_number"),
            case_file.c.state.label("case_state"),
            case_file.c.deadline,
            case_file.c.deadline_provisional,
            case_file.c.owner.label("case_owner"),
            alert.c.id.label("alert_id"),
            alert.c.frozen["title"].label("title"),
            *(alert.c[name] for name in ("measured", "limit_value", "unit", "subject_kind")),
        )
        .select_from(keys)
        .join(matter, matter.c.id == keys.c.id)
        .outerjoin(institution_fact, names)
        .outerjoin(case_matter, case_matter.c.matter_id == matter.c.id)
        .outerjoin(case_file, case_file.c.id == case_matter.c.case_file_id)
        .outerjoin(worst, and_(worst.c.matter_id == matter.c.id, worst.c.nth == 1))
        .outerjoin(alert, alert.c.id == worst.c.id)
        .order_by(*order)
    )
    return tx.execute(query).all()
