"""Cases whose days come due, in the database; each is moved by one of many schedulers alone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from feewatch.casework.cases import WITH_INSTITUTION
from feewatch.kernel.days import Day
from feewatch.store.tables.casework import case_file


def list_running(tx: Connection, until: Day) -> Sequence[Row[Any]]:
    """Cases that wait for their institution, with a deadline up to a day, by number."""
    query = select(case_file).where(
        case_file.c.state.in_(WITH_INSTITUTION), case_file.c.deadline <= until
    )
    return tx.execute(query.order_by(case_file.c.number)).all()


def list_to_recheck(tx: Connection, day: Day) -> Sequence[Row[Any]]:
    """Closed cases whose 回头看 is due on a day and of which nobody was reminded, by number."""
    query = select(case_file).where(
        case_file.c.state == "closed",
        case_file.c.recheck_on <= day,
        case_file.c.recurred_on.is_(None),
        or_(case_file.c.reminded_on.is_(None), case_file.c.reminded_on < case_file.c.recheck_on),
    )
    return tx.execute(query.order_by(case_file.c.number)).all()


def claim_reminder(tx: Connection, row: Row[Any], day: Day) -> bool:
    """Whether the reminder of a case as read is this one's to give; it then is given on the day."""
    before = case_file.c.reminded_on
    unchanged = before.is_(None) if row.reminded_on is None else before == row.reminded_on
    changed = tx.execute(
        update(case_file)
        .where(and_(case_file.c.id == row.id, case_file.c.state == row.state, unchanged))
        .values(reminded_on=day)
    )
    return changed.rowcount == 1


def claim_escalation(tx: Connection, row: Row[Any]) -> bool:
    """Whether a case as read was escalated now; False where it is, or where it moved."""
    changed = tx.execute(
        update(case_file)
        .where(
            case_file.c.id == row.id,
            case_file.c.state == row.state,
            case_file.c.deadline == row.deadline,
            case_file.c.escalated.is_(False),
        )
        .values(escalated=True)
    )
    return changed.rowcount == 1
