"""Campaigns in the database: members, and what was found and settled of them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, date_of
from feewatch.kernel.people import Scope
from feewatch.rounds.checklists import FAIL
from feewatch.store.pages.scope import in_force, within
from feewatch.store.rounds.numbers import next_number
from feewatch.store.tables.casework import alert
from feewatch.store.tables.places import premises
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import campaign, campaign_member, visit, visit_result


def _of_place(institution_id: int | None, premises_id: int | None) -> ColumnElement[bool]:
    c = campaign_member.c
    return (
        c.premises_id == premises_id
        if institution_id is None
        else c.institution_id == institution_id
    )


def find_member(
    tx: Connection,
    number: str,
    *,
    institution_id: int | None = None,
    premises_id: int | None = None,
) -> Row[Any] | None:
    """The campaign of a number, if the place is one of its members."""
    query = (
        select(campaign)
        .join(campaign_member)
        .where(campaign.c.number == number, _of_place(institution_id, premises_id))
    )
    return tx.execute(query).one_or_none()


def is_member(tx: Connection, number: str, *, premises_id: int) -> bool:
    """Whether premises are a member of a campaign."""
    return find_member(tx, number, premises_id=premises_id) is not None


def find(tx: Connection, scope: Scope, number: str) -> Row[Any] | None:
    """A campaign by its number."""
    inside = within(scope, campaign.c.district, campaign.c.id)
    return tx.execute(select(campaign).where(campaign.c.number == number, inside)).one_or_none()


def list_running(tx: Connection, scope: Scope, day: Day) -> Sequence[Row[Any]]:
    """Campaigns within a scope that run on a day."""
    c = campaign.c
    query = select(campaign).where(
        c.from_day <= day, c.to_day >= day, within(scope, c.district, c.id)
    )
    return tx.execute(query.order_by(c.from_day, c.id)).all()


def add(
    tx: Connection,
    *,
    title: str,
    district: str,
    about: str,
    checklist: str,
    first: Day,
    last: Day,
    actor: str,
    reason: str,
) -> tuple[int, str]:
    """Key and number of a new campaign."""
    number = next_number(tx, campaign, district, date_of(first).year)
    row = {
        "number": number,
        "title": title,
        "district": district,
        "about": about,
        "checklist": checklist,
        "from_day": first,
        "to_day": last,
        "opened_by": actor,
        "opened_at": timestamp(),
        "reason": reason,
    }
    key: int = tx.execute(insert(campaign).returning(campaign.c.id), row).scalar_one()
    return key, number


def add_members(tx: Connection, key: int, about: str, members: Collection[int]) -> None:
    """Let institutions or premises be members of a campaign."""
    column = "institution_id" if about == "institutions" else "premises_id"
    rows = [
        {"campaign_id": key, "institution_id": None, "premises_id": None, column: member}
        for member in sorted(set(members))
    ]
    tx.execute(insert(campaign_member), rows)


def list_campaigns(tx: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """Campaigns of places within a scope, the last first, with members and visits counted."""
    members = _count(campaign_member.c.campaign_id, campaign_member)
    made = _count(visit.c.campaign_id, visit)
    query = (
        select(campaign, members.label("members"), made.label("visits"))
        .where(within(scope, campaign.c.district, campaign.c.id))
        .order_by(campaign.c.from_day.desc(), campaign.c.id.desc())
    )
    return tx.execute(query).all()


def _count(column: ColumnElement[int], table: Any) -> Any:
    query = select(func.count()).select_from(table).where(column == campaign.c.id)
    return query.correlate(campaign).scalar_subquery()


def list_members(tx: Connection, key: int, day: Day) -> Sequence[Row[Any]]:
    """Each member with its visits, what was not in order, what of it is over, its disposal."""
    of_member = and_(
        visit.c.campaign_id == key,
        (visit.c.institution_id == campaign_member.c.institution_id)
        | (visit.c.premises_id == campaign_member.c.premises_id),
    )
    failed = and_(of_member, visit_result.c.visit_id == visit.c.id, visit_result.c.result == FAIL)
    visits = select(func.count(visit.c.id)).where(of_member)
    last = select(func.max(visit.c.visited_on)).where(of_member)
    faults = select(func.count(visit_result.c.id)).where(failed)
    over = (
        select(func.count(visit_result.c.id))
        .join(alert, alert.c.id == visit_result.c.alert_id)
        .where(failed, alert.c.recovered_on.is_not(None) | (alert.c.status == "closed"))
    )
    query = (
        select(
            institution.c.uscc, institution_fact.c.name, premises.c.premises_no,
            premises.c.address, premises.c.name.label("premises_name"), premises.c.state,
            premises.c.disposal, premises.c.disposed_on,
            *(
                part.correlate(campaign_member).scalar_subquery().label(name)
                for name, part in (
                    ("visits", visits), ("last_on", last), ("faults", faults), ("over", over)
                )
            ),
        )
        .select_from(campaign_member)
        .outerjoin(institution, institution.c.id == campaign_member.c.institution_id)
        .outerjoin(
            institution_fact,
            and_(institution_fact.c.institution_id == institution.c.id, in_force(day)),
        )
        .outerjoin(premises, premises.c.id == campaign_member.c.premises_id)
        .where(campaign_member.c.campaign_id == key)
        .order_by(campaign_member.c.id)
    )  # fmt: skip
    return tx.execute(query).all()


def find_institutions(
    tx: Connection, scope: Scope, day: Day, usccs: Collection[str], subject: str
) -> dict[str, int]:
    """Institutions of a scope by code: those named, or all of a subject, or all."""
    query = (
        select(institution.c.uscc, institution.c.id)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(in_force(day), within(scope, institution_fact.c.district, institution.c.id))
    )
    if usccs:
        query = query.where(institution.c.uscc.in_(usccs))
    elif subject:
        query = query.where(institution_fact.c.subject == subject)
    return {row.uscc: row.id for row in tx.execute(query)}


def find_premises(
    tx: Connection, scope: Scope, numbers: Collection[str], *, only_open: bool
) -> dict[str, int]:
    """Premises of a scope by number: those named, or all, or those not disposed of."""
    c = premises.c
    query = select(c.premises_no, c.id).where(within(scope, c.district, c.institution_id))
    if numbers:
        query = query.where(c.premises_no.in_(numbers))
    elif only_open:
        query = query.where(c.disposal == "open", c.state != "licensed")
    return {row.premises_no: row.id for row in tx.execute(query)}
