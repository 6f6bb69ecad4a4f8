"""Campaigns in the database: members, and what was found and settled of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import within
from feewatch.store.tables.rounds import campaign, campaign_member


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
