"""Draws of visits in the database: with seed and pool, so that anybody can draw again."""

from sqlalchemy import Connection, select

from feewatch.kernel.days import Day
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
