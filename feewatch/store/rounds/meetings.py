"""Meetings of the departments in the database, with what each has to do and by when."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, func, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, date_of
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import within
from feewatch.store.rounds.numbers import next_number
from feewatch.store.tables.rounds import meeting, meeting_item


class MeetingItem(NamedTuple):
    """What a department has to do by a day."""

    text: str
    department: str
    due_on: Day


def add(
    tx: Connection, district: str, held_on: Day, items: Sequence[MeetingItem], **values: Any
) -> str:
    """The number of a new meeting."""
    number = next_number(tx, meeting, district, date_of(held_on).year)
    row = {"number": number, "district": district, "held_on": held_on, "at": timestamp(), **values}
    key = tx.execute(insert(meeting).returning(meeting.c.id), row).scalar_one()
    rows = [{"meeting_id": key, "n": n, **item._asdict()} for n, item in enumerate(items, 1)]
    if rows:
        tx.execute(insert(meeting_item), rows)
    return number


def list_meetings(tx: Connection, scope: Scope, day: Day) -> Sequence[Row[Any]]:
    """Meetings of places within a scope, the last first: items, those closed, those past a day."""
    c = meeting_item.c
    closed = func.sum(case((c.closed_on.is_not(None), 1), else_=0))
    past = func.sum(case((c.closed_on.is_(None) & (c.due_on < day), 1), else_=0))
    query = (
        select(meeting, func.count(meeting_item.c.id).label("items"))
        .add_columns(func.coalesce(closed, 0).label("closed"))
        .add_columns(func.coalesce(past, 0).label("past"))
        .outerjoin(meeting_item)
        .where(within(scope, meeting.c.district, meeting.c.id))
        .group_by(meeting.c.id)  # the key: PostgreSQL groups by no JSON
        .order_by(meeting.c.held_on.desc(), meeting.c.id.desc())
    )
    return tx.execute(query).all()


def find(tx: Connection, scope: Scope, number: str) -> Row[Any] | None:
    """A meeting by its number."""
    inside = within(scope, meeting.c.district, meeting.c.id)
    return tx.execute(select(meeting).where(meeting.c.number == number, inside)).one_or_none()


def list_items(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """What a meeting asked for, in its order."""
    c = meeting_item.c
    return tx.execute(select(meeting_item).where(c.meeting_id == key).order_by(c.n)).all()


def list_past(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """Open items whose day lies before a day, with number, district and writer of the meeting."""
    query = (
        select(meeting_item, meeting.c.number, meeting.c.district, meeting.c.actor)
        .join(meeting)
        .where(meeting_item.c.closed_on.is_(None), meeting_item.c.due_on < day)
        .order_by(meeting_item.c.id)
    )
    return tx.execute(query).all()


def close_item(tx: Connection, key: int, n: int, on: Day, actor: str, result: str) -> bool:
    """Whether an item was closed; False where there is none open of the number."""
    c = meeting_item.c
    changed = tx.execute(
        update(meeting_item)
        .where(c.meeting_id == key, c.n == n, c.closed_on.is_(None))
        .values(closed_on=on, closed_by=actor, result=result)
    )
    return changed.rowcount == 1
