"""Matters in the database: those that take members, their upkeep, the inbox."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
    update,
)

from feewatch.casework.cases import SETTLED
from feewatch.casework.matters import (
    Group,
    Key,
    Member,
    OpenMatter,
    Summary,
    gravest,
    key_of,
    summarise,
)
from feewatch.casework.states import IN_CASE, OPEN, WITHDRAWN
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.clock import timestamp
from feewatch.store.cases.competence import competent_of
from feewatch.store.scope import among, of_institutions, within
from feewatch.store.tables.casework import alert, case_file, case_matter, matter

#: Severities from the gravest on, for ordering.
_RANK = case(
    {each: rank for rank, each in enumerate(reversed(SEVERITIES))}, value=matter.c.severity
)


class OnRecord(NamedTuple):
    """A matter as a check finds it."""

    key: Key
    place: OpenMatter
    status: str
    has_case: bool

    @property
    def takes_members(self) -> bool:
        """Whether new alerts may join: a decided matter is not changed under its decision."""
        return self.status in (OPEN, IN_CASE)

    @property
    def takes_back(self) -> bool:
        """Whether a withdrawn member may return to it."""
        return self.takes_members or (self.status == WITHDRAWN and not self.has_case)


def lock_on_record(
    tx: Connection, institutions: Collection[int] | None, rules: Collection[str]
) -> list[OnRecord]:
    """All matters of institutions and rules, held against other writers, in order of id."""
    has_case = exists().where(case_matter.c.matter_id == matter.c.id)
    query = (
        select(matter, has_case.label("has_case"))
        .where(of_institutions(matter.c.institution_id, institutions), matter.c.rule.in_(rules))
        .order_by(matter.c.id)
        .with_for_update(of=matter)
    )
    return [
        OnRecord(
            Key(row.institution_id or 0, row.uscc, row.rule, row.cause, row.historic),
            OpenMatter(row.id, row.first_day, row.last_day),
            row.status,
            row.has_case,
        )
        for row in tx.execute(query)
    ]


def open_places(matters: Sequence[OnRecord]) -> dict[Key, list[OpenMatter]]:
    """The matters that take new members, by key."""
    places: dict[Key, list[OpenMatter]] = defaultdict(list)
    for known in matters:
        if known.takes_members:
            places[known.key].append(known.place)
    return places


def add_groups(tx: Connection, groups: Sequence[Group]) -> list[int]:
    """The matter of each group, new ones written."""
    new = [group for group in groups if group.matter_id is None]
    moment = timestamp()
    departments = competent_of(tx, [group.breaches[0] for group in new])
    rows = [
        _new_row(group, moment) | {"department": department}
        for group, department in zip(new, departments, strict=True)
    ]
    made: list[int] = []
    if rows:
        statement = insert(matter).returning(matter.c.id, sort_by_parameter_order=True)
        made = list(tx.scalars(statement, rows))
    ids = iter(made)
    return [next(ids) if group.matter_id is None else group.matter_id for group in groups]


def _new_row(group: Group, moment: str) -> dict[str, object]:
    first = group.breaches[0]
    key = key_of(first)
    summary = summarise(
        Member(breach.severity, breach.authority, breach.amount_fen, breach.identity.on)
        for breach in group.breaches
    )
    return {
        **key._asdict(),
        **summary._asdict(),
        "institution_id": first.institution_id,
        "district": first.district,
        "status": OPEN,
        "opened_at": moment,
    }


def refresh(tx: Connection, matter_ids: Collection[int]) -> None:
    """Bring counts, sums, days, severity and authority of matters in line with their members.

    A matter whose members were all withdrawn is withdrawn, and open again when one returns. The
    cases at work on them take a severity that has risen.
    """
    if not matter_ids:
        return
    columns = alert.c.severity, alert.c.authority, alert.c.amount_fen, alert.c.on_day
    members = tx.execute(
        select(alert.c.matter_id, *columns)
        .where(among(alert.c.matter_id, matter_ids), alert.c.status != WITHDRAWN)
        .order_by(alert.c.matter_id)
    )
    summaries = [
        {"matter": matter_id, **summarise(Member(*row[1:]) for row in rows)._asdict()}
        for matter_id, rows in groupby(members, key=lambda row: row.matter_id)
    ]
    living = {row["matter"] for row in summaries}
    if summaries:
        values: dict[str, Any] = {name: bindparam(name) for name in Summary._fields}
        status = case((matter.c.status == WITHDRAWN, OPEN), else_=matter.c.status)
        tx.execute(
            update(matter)
            .where(matter.c.id == bindparam("matter"))
            .values(**values, status=status),
            summaries,
        )
    _empty(tx, set(matter_ids) - living)
    _raise_cases(tx, living)


def _empty(tx: Connection, matter_ids: Collection[int]) -> None:
    status = case((matter.c.status.in_((OPEN, IN_CASE)), WITHDRAWN), else_=matter.c.status)
    tx.execute(
        update(matter)
        .where(among(matter.c.id, matter_ids))
        .values(alerts=0, sum_fen=None, status=status)
    )


def _raise_cases(tx: Connection, matter_ids: Collection[int]) -> None:
    graver = tx.execute(
        select(case_file.c.id, case_file.c.severity, matter.c.severity.label("of_matter"))
        .join_from(case_file, case_matter)
        .join(matter)
        .where(among(matter.c.id, matter_ids), case_file.c.state.not_in(SETTLED))
        .order_by(case_file.c.id)
    )
    for case_id, rows in groupby(graver, key=lambda row: (row.id, row.severity)):
        severity = gravest([case_id[1], *(row.of_matter for row in rows)])
        if severity != case_id[1]:
            tx.execute(
                update(case_file).where(case_file.c.id == case_id[0]).values(severity=severity)
            )


def list_matters(
    tx: Connection,
    *,
    status: str | None = None,
    rule: str | None = None,
    uscc: str | None = None,
    district: str | None = None,
    institution_id: int | None = None,
    historic: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[RowMapping]:
    """Matters, gravest and latest first, with the institution's name and their case's number.

    ``district`` is a place with all below it.
    """
    conditions = _conditions(status, rule, uscc, district, institution_id, historic)
    query = (
        _shown()
        .where(*conditions)
        .order_by(_RANK, matter.c.last_day.desc(), matter.c.id)
        .limit(limit)
        .offset(offset)
    )
    return list(tx.execute(query).mappings())


def find_matter(tx: Connection, matter_id: int) -> RowMapping | None:
    """One matter as ``list_matters`` shows it."""
    return tx.execute(_shown().where(matter.c.id == matter_id)).mappings().one_or_none()


def _shown() -> Select[tuple[object, ...]]:
    name = (
        select(func.max(alert.c.institution_name))
        .where(alert.c.matter_id == matter.c.id)
        .scalar_subquery()
    )
    return select(
        matter, name.label("institution_name"), case_file.c.number.label("case_number")
    ).select_from(matter.outerjoin(case_matter).outerjoin(case_file))


def _conditions(
    status: str | None,
    rule: str | None,
    uscc: str | None,
    district: str | None,
    institution_id: int | None,
    historic: bool | None,
) -> list[ColumnElement[bool]]:
    equal = {
        matter.c.status: status,
        matter.c.rule: rule,
        matter.c.uscc: uscc,
        matter.c.institution_id: institution_id,
        matter.c.historic: historic,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if district is not None:
        conditions.append(within(matter.c.district, district))
    return conditions
