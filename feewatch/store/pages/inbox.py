"""The inbox: matters with their alerts, within a scope."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.begins import begins
from feewatch.store.pages.scope import MAX_KEY, in_force, seen, within
from feewatch.store.tables.casework import alert, alert_event, case_file, case_matter, matter
from feewatch.store.tables.proposals import proposal, proposal_alert
from feewatch.store.tables.registers import institution, institution_fact

_WORDS = ("severity", "rule", "authority", "status")
STATUSES = ("open", "in_case", "dismissed", "withdrawn", "closed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked the inbox for; empty means all."""

    severity: str = ""
    rule: str = ""
    authority: str = ""
    status: str = ""
    institution: str = ""  # part of a name or of a credit code
    district: str = ""
    historic: bool | None = False
    owner: str = ""
    unowned: bool = False
    since: str = ""  # opened after this moment
    until: str = ""  # opened at or before this moment
    not_ended: bool = False  # open or in a case
    correcting: bool = False  # only those of which a correction waits
    #: part of a name, a credit code, a case number; the number of a matter or of a contract
    text: str = ""
    sort: str = ""


#: How the inbox may be sorted; the first unless told otherwise.
SORTS = ("severity", "sum", "age", "due", "name", "count")
_MATTER_NUMBER = re.compile("[Mm]?([0-9]{1,9})")


severity_rank: ColumnElement[int] = case(
    {name: rank for rank, name in enumerate(SEVERITIES)}, value=matter.c.severity
)


_GRAVEST_FIRST: tuple[ColumnElement[Any], ...] = (
    alert.c.historic,
    case({name: rank for rank, name in enumerate(SEVERITIES)}, value=alert.c.severity).desc(),
    alert.c.on_day.desc(),
    alert.c.id,
)


def list_matters(
    tx: Connection, scope: Scope, wanted: Wanted, today: Day, *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Matters from the most severe and latest, with the institution's present name and a title."""
    title = (
        select(alert.c.frozen["title"])
        .where(alert.c.matter_id == matter.c.id)
        .order_by(alert.c.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(matter, institution_fact.c.name, title.label("title"))
        .select_from(_with_names(today))
        .where(*conditions_of(scope, wanted, today))
        .order_by(severity_rank.desc(), matter.c.last_day.desc(), matter.c.id)
        .limit(limit)
        .offset(offset)
    )
    return tx.execute(query).all()


def count_matters(tx: Connection, scope: Scope, wanted: Wanted, today: Day) -> int:
    """How many matters there are."""
    query = select(func.count()).select_from(matter).where(*conditions_of(scope, wanted, today))
    return tx.scalars(query).one()


def find_matter(tx: Connection, scope: Scope, matter_id: int, today: Day) -> Row[Any] | None:
    """A matter with the institution's present name and, if it is in one, its case."""
    query = (
        select(matter, institution_fact.c.name, case_matter.c.case_file_id)
        .select_from(_with_names(today).outerjoin(case_matter))
        .where(matter.c.id == matter_id, seen(scope, matter.c.district, matter.c.institution_id))
    )
    return tx.execute(query).one_or_none()


def list_alerts(
    tx: Connection,
    scope: Scope,
    *,
    matter_id: int | None = None,
    institution_id: int | None = None,
    statuses: Sequence[str] = STATUSES,
    wanted: Wanted | None = None,
    limit: int = 500,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Alerts from the most severe and latest, historic ones after all others."""
    query = _alerts(scope, wanted or Wanted(historic=None)).where(alert.c.status.in_(statuses))
    if matter_id is not None:
        query = query.where(alert.c.matter_id == matter_id)
    if institution_id is not None:
        query = query.where(alert.c.institution_id == institution_id)
    return tx.execute(query.order_by(*_GRAVEST_FIRST).limit(limit).offset(offset)).all()


def list_unsettled(
    tx: Connection, scope: Scope, institution_id: int, *, limit: int
) -> tuple[Sequence[Row[Any]], int, int]:
    """The gravest alerts of an institution that are open or in a case; how many are either."""
    found = {"institution": institution_id, "most": limit}
    rows = tx.execute(_unsettled(scope, today()), found).all()
    return rows, rows[0].open_alerts if rows else 0, rows[0].alerts_in_case if rows else 0


@lru_cache(maxsize=64)
def _unsettled(scope: Scope, _day: Day) -> Select[Any]:
    """Built once a day for a scope, which lets see what has a site in it on that day."""
    counts = (
        func.sum(case((alert.c.status == name, 1), else_=0)).over().label(label)
        for name, label in (("open", "open_alerts"), ("in_case", "alerts_in_case"))
    )
    query = _alerts(scope, Wanted(historic=None)).add_columns(*counts)
    of_it = alert.c.institution_id == bindparam("institution", type_=Integer)
    query = query.where(of_it, alert.c.status.in_(("open", "in_case")))
    return query.order_by(*_GRAVEST_FIRST).limit(bindparam("most", type_=Integer))


def count_alerts(tx: Connection, scope: Scope, wanted: Wanted) -> int:
    """How many alerts there are."""
    return tx.scalars(select(func.count()).select_from(_alerts(scope, wanted).subquery())).one()


def find_alert(tx: Connection, scope: Scope, alert_id: str) -> Row[Any] | None:
    """An alert by its id."""
    return tx.execute(
        select(alert).where(
            alert.c.id == alert_id, seen(scope, alert.c.district, alert.c.institution_id)
        )
    ).one_or_none()


def list_alert_events(tx: Connection, scope: Scope, alert_id: str) -> Sequence[Row[Any]]:
    """What happened to an alert, oldest first."""
    query = (
        select(alert_event)
        .join(alert)
        .where(
            alert_event.c.alert_id == alert_id,
            seen(scope, alert.c.district, alert.c.institution_id),
        )
        .order_by(alert_event.c.id)
    )
    return tx.execute(query).all()


def find_case_of_matter(tx: Connection, scope: Scope, matter_id: int) -> Row[Any] | None:
    """The case that works on a matter."""
    return tx.execute(
        select(case_file)
        .join(case_matter)
        .where(
            case_matter.c.matter_id == matter_id,
            within(scope, case_file.c.district, case_file.c.institution_id),
        )
    ).one_or_none()


def _with_names(today: Day) -> FromClause:
    return matter.outerjoin(
        institution_fact,
        and_(institution_fact.c.institution_id == matter.c.institution_id, in_force(today)),
    )


def source_of(today: Day, *, is_named: bool) -> FromClause:
    """Matters; with the institutions' names only where the order needs them."""
    return _with_names(today) if is_named else matter


def conditions_of(
    scope: Scope, wanted: Wanted, today: Day, *, without: Collection[str] = ()
) -> list[ColumnElement[bool]]:
    """What a matter must meet; ``without``: filters by facets that are left aside."""
    conditions = [seen(scope, matter.c.district, matter.c.institution_id)]
    if wanted.historic is not None:
        conditions.append(matter.c.historic.is_(wanted.historic))
    if wanted.since:
        conditions.append(matter.c.opened_at > wanted.since)
    if wanted.until:
        conditions.append(matter.c.opened_at <= wanted.until)
    if wanted.not_ended:
        conditions.append(matter.c.status.in_(("open", "in_case")))
    if wanted.correcting:
        conditions.append(matter.c.id.in_(matters_waiting()))
    if wanted.institution:
        conditions.append(matter.c.institution_id.in_(_named(wanted.institution, today)))
    if wanted.text:
        conditions.append(_names_it(wanted.text, today))
    facets = facets_of(wanted)
    return conditions + [facets[name] for name in facets if name not in without]


def facets_of(wanted: Wanted) -> dict[str, ColumnElement[bool]]:
    """What is asked of facets, by facet."""
    conditions: dict[str, ColumnElement[bool]] = {
        name: matter.c[name] == getattr(wanted, name) for name in _WORDS if getattr(wanted, name)
    }
    if wanted.district:
        place = Scope(wanted.district)
        conditions["district"] = within(place, matter.c.district, matter.c.institution_id)
    if wanted.unowned:
        conditions["owner"] = matter.c.owner.is_(None)
    elif wanted.owner:
        conditions["owner"] = matter.c.owner == wanted.owner
    return conditions


def _named(text: str, today: Day) -> Select[tuple[int]]:
    """The keys of institutions with a text in their name or credit code: looked for once."""
    facts = and_(institution_fact.c.institution_id == institution.c.id, in_force(today))
    return (
        select(institution.c.id)
        .outerjoin(institution_fact, facts)
        .where(
            or_(
                institution_fact.c.name.contains(text, autoescape=True),
                institution.c.uscc.contains(text.upper(), autoescape=True),
            )
        )
    )


def _names_it(text: str, today: Day) -> ColumnElement[bool]:
    """Whether a matter is named by a text: its number, institution, case or a contract of it."""
    by_case = (
        select(case_matter.c.matter_id)
        .join(case_file, case_file.c.id == case_matter.c.case_file_id)
        .where(case_file.c.number.contains(text, autoescape=True))
    )
    kinds = alert.c.subject_kind.in_(("contract", "charge", "course"))
    by_contract = select(alert.c.matter_id).where(alert.c.subject_id == text, kinds)
    is_charge = begins(alert.c.subject_id, f"{text}/")  # it goes by contract/number
    by_charge = select(alert.c.matter_id).where(is_charge, kinds)
    keys = [by_case, by_contract, by_charge]
    number = _MATTER_NUMBER.fullmatch(text)
    if number is not None and int(number[1]) <= MAX_KEY:
        keys.append(select(literal(int(number[1]))))
    return or_(matter.c.institution_id.in_(_named(text, today)), matter.c.id.in_(union_all(*keys)))


def matters_waiting() -> Select[tuple[int]]:
    """The keys of matters with an alert that waits with an open proposal."""
    return (
        select(alert.c.matter_id)
        .join(proposal_alert, proposal_alert.c.alert_id == alert.c.id)
        .join(proposal, proposal.c.id == proposal_alert.c.proposal_id)
        .where(proposal.c.state == "open")
    )


def _alerts(scope: Scope, wanted: Wanted) -> Select[Any]:
    query = select(alert).where(seen(scope, alert.c.district, alert.c.institution_id))
    for name in _WORDS:
        if value := getattr(wanted, name):
            query = query.where(alert.c[name] == value)
    if wanted.historic is not None:
        query = query.where(alert.c.historic.is_(wanted.historic))
    if wanted.district:
        query = query.where(
            within(Scope(wanted.district), alert.c.district, alert.c.institution_id)
        )
    if wanted.institution:
        query = query.where(
            or_(
                alert.c.institution_name.contains(wanted.institution, autoescape=True),
                alert.c.uscc.contains(wanted.institution.upper(), autoescape=True),
            )
        )
    return query
