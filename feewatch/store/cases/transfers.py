"""Transfers of cases in the database: sent, answered, and what of the case goes with them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    and_,
    insert,
    or_,
    select,
    true,
    update,
)

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.scope import within
from feewatch.store.tables.casework import alert, case_file, case_matter, matter, transfer
from feewatch.store.tables.registers import institution_fact

SENT, RECEIVED, RETURNED, WITHDRAWN = "sent", "received", "returned", "withdrawn"


def add(tx: Connection, **values: Any) -> int:
    """The key of a transfer that waits for its receipt."""
    row = {"state": SENT, "sent_at": timestamp(), **values}
    key: int = tx.execute(insert(transfer).values(row).returning(transfer.c.id)).scalar_one()
    return key


def answer(tx: Connection, key: int, state: str, **values: Any) -> bool:
    """Whether a transfer that waited is answered by this."""
    waiting = update(transfer).where(transfer.c.id == key, transfer.c.state == SENT)
    done = tx.execute(waiting.values(state=state, recorded_at=timestamp(), **values))
    return done.rowcount == 1


def move_case(tx: Connection, case_id: int, department: str, owner: str) -> None:
    """Let the matters of a case with their alerts be another department's, and its person's."""
    members = select(case_matter.c.matter_id).where(case_matter.c.case_file_id == case_id)
    own = matter.c.id.in_(members)
    tx.execute(update(matter).where(own).values(department=department, owner=owner))
    theirs = alert.c.matter_id.in_(members)
    tx.execute(update(alert).where(theirs).values(department=department))


def find(tx: Connection, scope: Scope, key: int, today: Day) -> Row[Any] | None:
    """A transfer within a scope: by or to its department."""
    return tx.execute(_listed(scope, today).where(transfer.c.id == key)).one_or_none()


def find_by_number(tx: Connection, number: str) -> RowMapping | None:
    """A transfer by the number of its letter."""
    query = select(transfer).where(transfer.c.number == number)
    return tx.execute(query).mappings().one_or_none()


def list_transfers(
    tx: Connection, scope: Scope, today: Day, *, state: str = "", limit: int | None = None
) -> Sequence[Row[Any]]:
    """Transfers within a scope, the latest first."""
    query = _listed(scope, today).order_by(transfer.c.id.desc()).limit(limit)
    return tx.execute(query.where(transfer.c.state == state) if state else query).all()


def list_of_case(tx: Connection, case_id: int) -> Sequence[Row[Any]]:
    """The transfers of a case, the latest first."""
    query = select(transfer).where(transfer.c.case_file_id == case_id)
    return tx.execute(query.order_by(transfer.c.id.desc())).all()


def _listed(scope: Scope, today: Day) -> Any:
    name = (
        select(institution_fact.c.name)
        .where(
            institution_fact.c.institution_id == case_file.c.institution_id,
            institution_fact.c.valid_from <= today,
            institution_fact.c.valid_to >= today,
        )
        .scalar_subquery()
    )
    columns = (
        case_file.c.number.label("case_number"), case_file.c.district, case_file.c.uscc,
        case_file.c.state.label("case_state"), case_file.c.institution_id, name.label("name"),
    )  # fmt: skip
    return (
        select(transfer, *columns)
        .join(case_file, case_file.c.id == transfer.c.case_file_id)
        .where(within(case_file.c.district, scope.district), _of_department(scope))
    )


def _of_department(scope: Scope) -> ColumnElement[bool]:
    name = scope.department
    if name is None:
        return true()
    # what was taken back is the other department's no more, not even to be read
    theirs = and_(transfer.c.to_department == name, transfer.c.state != WITHDRAWN)
    return or_(transfer.c.from_department == name, theirs)
