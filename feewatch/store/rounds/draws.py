"""Draws of visits in the database: with seed and pool, so that anybody can draw again."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, date_of
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import within
from feewatch.store.rounds.numbers import next_number
from feewatch.store.tables.grades import grade
from feewatch.store.tables.rounds import visit, visit_draw


def find_waiting(tx: Connection, institution_id: int, uscc: str, on: Day) -> int | None:
    """The last draw up to a day that drew an institution and that no visit answers yet."""
    made = set(
        tx.scalars(
            select(visit.c.visit_draw_id).where(
                visit.c.institution_id == institution_id, visit.c.visit_draw_id.is_not(None)
            )
        )
    )
    query = select(visit_draw.c.id, visit_draw.c.drawn).where(visit_draw.c.on_day <= on)
    for key, drawn in tx.execute(query.order_by(visit_draw.c.id.desc())):
        if uscc in drawn and key not in made:
            return int(key)
    return None


def add(tx: Connection, district: str, on: Day, actor: str, **values: Any) -> str:
    """The number of a new draw."""
    number = next_number(tx, visit_draw, district, date_of(on).year)
    told = {"number": number, "district": district, "on_day": on, "actor": actor}
    tx.execute(insert(visit_draw).values(**told, at=timestamp(), **values))
    return number


def list_draws(tx: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """Draws of places within a scope, the last first."""
    inside = within(scope, visit_draw.c.district, visit_draw.c.id)
    return tx.execute(select(visit_draw).where(inside).order_by(visit_draw.c.id.desc())).all()


def find(tx: Connection, scope: Scope, number: str) -> Row[Any] | None:
    """A draw by its number."""
    inside = within(scope, visit_draw.c.district, visit_draw.c.id)
    return tx.execute(select(visit_draw).where(visit_draw.c.number == number, inside)).one_or_none()


def list_made(tx: Connection, key: int) -> dict[int, str]:
    """The visits that answer a draw, by institution."""
    query = select(visit.c.institution_id, visit.c.number).where(visit.c.visit_draw_id == key)
    return {row.institution_id: row.number for row in tx.execute(query)}


def latest_grades(tx: Connection) -> dict[int, str]:
    """The latest grade that was set of each institution."""
    query = (
        select(grade.c.institution_id, grade.c.set_grade)
        .where(grade.c.status == "set", grade.c.set_grade.is_not(None))
        .order_by(grade.c.period)
    )
    return {row.institution_id: row.set_grade for row in tx.execute(query)}
