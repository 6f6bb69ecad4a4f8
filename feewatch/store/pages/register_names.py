"""Which institutions stand on the register: what the public may know of it, and nothing more."""

from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection

from feewatch.kernel.days import Day
from feewatch.store.tables.registers import institution, institution_fact


class RegisteredName(NamedTuple):
    """One institution of the register."""

    uscc: str
    name: str
    district: str


def search_names(tx: Connection, today: Day, text: str, *, limit: int) -> list[RegisteredName]:
    """Those in force whose name holds a text, or whose code begins with it; in upper case."""
    fact = institution_fact
    query = (
        select(institution.c.uscc, fact.c.name, fact.c.district)
        .join(fact)
        .where(fact.c.valid_from <= today, fact.c.valid_to >= today)
        .where(
            or_(
                func.upper(fact.c.name).contains(text, autoescape=True),
                institution.c.uscc.startswith(text, autoescape=True),
            )
        )
        .order_by(fact.c.name, institution.c.uscc)
    )
    return [RegisteredName(*row) for row in tx.execute(query.limit(limit))]
