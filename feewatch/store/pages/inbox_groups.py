"""The inbox by institution or rule: groups with their gravest matters, and counts to filter by."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.inbox import (
    Wanted,
    conditions_of,
    facets_of,
    severity_rank,
    source_of,
)
from feewatch.store.pages.scope import in_force
from feewatch.store.tables.casework import alert, case_file, case_matter, matter
from feewatch.store.tables.registers import contract, institution_fact

#: Under this name the matters that meet all filters are counted.
_ALL = "all"
_GRAVE = SEVERITIES[:0:-1]
#: What the inbox may be counted by; a filter leaves its own counts as they would be without it.
FACETS = ("severity", "status", "authority", "rule", "district", "owner")


def count_facets(
    tx: Connection, scope: Scope, wanted: Wanted, today: Day
) -> tuple[dict[str, dict[str, int]], int]:
    """Matters by each facet, without its own filter, and how many meet all filters.

    What has no owner counts under an empty name.
    """
    facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    total = 0
    for facet, value, count in tx.execute(_facets_query(scope, wanted, today)):
        if facet == _ALL:
            total = int(count)
        else:
            facets[facet][value or ""] = int(count)
    return {name: dict(sorted(counts.items())) for name, counts in facets.items()}, total


@lru_cache(maxsize=64)
def _facets_query(scope: Scope, wanted: Wanted, today: Day) -> CompoundSelect[Any]:
    """One pass over the matters asked for, grouped by what is not filtered by; others by theirs."""
    filtered = facets_of(wanted)
    open_facets = [name for name in FACETS if name not in filtered]
    columns = [matter.c[name] for name in open_facets]
    meets = conditions_of(scope, wanted, today)
    cells = (
        select(*columns, func.count().label("matters"))
        .where(*meets)
        .group_by(*columns)
        .cte("cells")
    )
    parts = [
        select(literal(_ALL).label("facet"), literal("").label("value"), _sum(cells.c.matters))
    ]
    parts += [
        select(literal(name), cells.c[name], _sum(cells.c.matters)).group_by(cells.c[name])
        for name in open_facets
    ]
    parts += [
        select(literal(name), matter.c[name], func.count())
        .where(*conditions_of(scope, wanted, today, without=[name]))
        .group_by(matter.c[name])
        for name in filtered
    ]
    return union_all(*parts)


def _sum(count: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(count), 0)


def list_groups(
    tx: Connection,
    scope: Scope,
    wanted: Wanted,
    today: Day,
    *,
    by: str,
    limit: int,
    offset: int,
) -> tuple[Sequence[Row[Any]], int]:
    """Groups of matters and how many groups there are in all.

    Of each: ``value`` (a credit code or a rule), count, sum, gravest, oldest, institutions, and
    under its name how many are of each severity but the least.
    """
    query = _groups_query(scope, wanted, today, by).limit(limit).offset(offset)
    rows = tx.execute(query).all()
    if rows or not offset:
        return rows, int(rows[0].groups) if rows else 0
    value = _value(by)  # a page past the end tells no count
    counted = select(func.count(value.distinct())).where(*conditions_of(scope, wanted, today))
    return rows, tx.scalars(counted).one()


@lru_cache(maxsize=64)
def _groups_query(scope: Scope, wanted: Wanted, today: Day, by: str) -> Select[Any]:
    value = _value(by)
    due = func.min(case_file.c.deadline)
    source: FromClause = source_of(today, is_named=wanted.sort == "name")
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
    # by their keys: counted as texts they took as long as all the rest; the office's own have none
    several = func.count(matter.c.institution_id.distinct()) if by == "rule" else literal(1)
    columns: list[ColumnElement[Any]] = [
        *(func.sum(case((matter.c.severity == name, 1), else_=0)).label(name) for name in _GRAVE),
        value.label("value"),
        func.count().label("matters"),
        sum_fen.label("sum_fen"),
        gravest.label("gravest"),
        oldest.label("opened_at"),
        several.label("institutions"),
        func.count().over().label("groups"),
    ]
    return (
        select(*columns)
        .select_from(source)
        .where(*conditions_of(scope, wanted, today))
        .group_by(value)
        .order_by(*orders.get(wanted.sort, usual), value)
    )


def _value(by: str) -> ColumnElement[str]:
    return matter.c.uscc if by == "institution" else matter.c.rule


def list_gravest(
    tx: Connection,
    scope: Scope,
    wanted: Wanted,
    today: Day,
    *,
    by: str,
    groups: Sequence[Row[Any]],
    most: int,
) -> Sequence[Row[Any]]:
    """Of each group the gravest matters, at most so many, with name, case and worst alert.

    ``groups``: of ``list_groups``. Only matters of the severities that can be among the gravest
    are ranked: a rule may have thousands.
    """
    if not groups:
        return []
    value = _value(by)
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
    ways = (
        and_(matter.c.severity == severity, value.in_(names))
        for severity, names in _graves(groups, most).items()
    )
    ranked = (
        select(matter.c.id, place)
        # the groups once more by themselves: an index leads to them alone
        .where(
            value.in_([group.value for group in groups]),
            or_(*ways),
            *conditions_of(scope, wanted, today),
        )
        .subquery()
    )
    shown = select(ranked.c.id).where(ranked.c.place <= most)
    return _detailed(tx, tx.scalars(shown.order_by(ranked.c.place, ranked.c.id)).all(), today)


def _graves(groups: Sequence[Row[Any]], most: int) -> dict[str, list[str]]:
    """By severity the groups of which matters that grave are needed to fill the places."""
    graves: dict[str, list[str]] = {}
    for group in groups:
        graver = 0
        for severity in _GRAVE:
            if graver < most and (count := int(group._mapping[severity])):
                graves.setdefault(severity, []).append(group.value)
                graver += count
        if graver < min(most, int(group.matters)):
            graves.setdefault(SEVERITIES[0], []).append(group.value)
    return graves


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
    source: FromClause = source_of(today, is_named=wanted.sort == "name")
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
    keys = (
        select(matter.c.id)
        .select_from(source)
        .where(*conditions_of(scope, wanted, today))
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return _detailed(tx, tx.scalars(keys).all(), today)


def list_siblings(
    tx: Connection, scope: Scope, matter_id: int, today: Day, most: int
) -> Sequence[Row[Any]]:
    """Other matters of the institution of a matter that are not ended, the gravest first."""
    uscc = select(matter.c.uscc).where(matter.c.id == matter_id).scalar_subquery()
    keys = (
        select(matter.c.id)
        .where(
            matter.c.uscc == uscc,
            matter.c.uscc != "",
            matter.c.id != matter_id,
            matter.c.status.in_(("open", "in_case")),
            *conditions_of(scope, Wanted(historic=None), today),
        )
        .order_by(severity_rank.desc(), matter.c.id)
        .limit(most)
    )
    return _detailed(tx, tx.scalars(keys).all(), today)


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


def _detailed(tx: Connection, keys: Sequence[int], today: Day) -> Sequence[Row[Any]]:
    """Matters by their keys, in their order, with name, case, and of each its worst alert.

    The keys themselves stand in the statement: of those that a sub-query finds PostgreSQL cannot
    tell how few they are, and goes through whole tables.
    """
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
    worst = select(alert.c.id, alert.c.matter_id, nth).where(alert.c.matter_id.in_(keys)).subquery()
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
        .select_from(matter)
        .outerjoin(institution_fact, names)
        .outerjoin(case_matter, case_matter.c.matter_id == matter.c.id)
        .outerjoin(case_file, case_file.c.id == case_matter.c.case_file_id)
        .outerjoin(worst, and_(worst.c.matter_id == matter.c.id, worst.c.nth == 1))
        .outerjoin(alert, alert.c.id == worst.c.id)
        .where(matter.c.id.in_(keys))
    )
    found = {row.id: row for row in tx.execute(query)}
    return [found[key] for key in keys]
