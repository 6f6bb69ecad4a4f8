"""What institutions confirmed of what the office holds, in the database; append-only."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.registers import approval, institution, institution_fact
from feewatch.store.tables.rounds import self_report, self_report_line


def add(tx: Connection, lines: Sequence[dict[str, Any]], **values: Any) -> int:
    """The key of an institution's answer of a quarter, with its lines."""
    row = {**values, "at": timestamp()}
    key: int = tx.execute(insert(self_report).returning(self_report.c.id), row).scalar_one()
    tx.execute(insert(self_report_line), [line | {"self_report_id": key} for line in lines])
    return key


def find(tx: Connection, institution_id: int, quarter: str) -> Row[Any] | None:
    """The answer of an institution of a quarter."""
    c = self_report.c
    query = select(self_report).where(c.institution_id == institution_id, c.quarter == quarter)
    return tx.execute(query).one_or_none()


def get(tx: Connection, scope: Scope, key: int, day: Day) -> Row[Any] | None:
    """An answer within a scope, with the institution."""
    query = (
        select(self_report, institution.c.uscc, institution_fact.c.name)
        .add_columns(institution_fact.c.district)
        .join(institution, institution.c.id == self_report.c.institution_id)
        .join(
            institution_fact,
            and_(institution_fact.c.institution_id == institution.c.id, in_force(day)),
        )
        .where(
            self_report.c.id == key, within(scope, institution_fact.c.district, institution.c.id)
        )
    )
    return tx.execute(query).one_or_none()


def list_lines(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """The lines of an answer, in their order."""
    c = self_report_line.c
    return tx.execute(select(self_report_line).where(c.self_report_id == key).order_by(c.id)).all()


def list_asked(
    tx: Connection, scope: Scope, day: Day, quarter: str, last: Day
) -> Sequence[Row[Any]]:
    """Institutions of a scope that are asked about a quarter that ended on a day, by name.

    Who was on the register at its end and is on it today; who closed by approval is not asked.
    Each with the key, the moment and the differences of its answer, if any.
    """
    then = institution_fact.alias()
    closed = select(approval.c.institution_id).where(
        approval.c.kind == "closure", approval.c.from_day <= day
    )
    differing = func.sum(case((self_report_line.c.answer == "differs", 1), else_=0))
    counts = (
        select(self_report_line.c.self_report_id, differing.label("differs"))
        .group_by(self_report_line.c.self_report_id)
        .subquery()
    )
    query = (
        select(institution.c.id, institution.c.uscc, institution_fact.c.name)
        .add_columns(
            institution_fact.c.district,
            self_report.c.id.label("report"),
            self_report.c.at,
            counts.c.differs,
        )
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .join(
            then,
            and_(
                then.c.institution_id == institution.c.id,
                then.c.valid_from <= last,
                then.c.valid_to >= last,
            ),
        )
        .outerjoin(
            self_report,
            and_(
                self_report.c.institution_id == institution.c.id, self_report.c.quarter == quarter
            ),
        )
        .outerjoin(counts, counts.c.self_report_id == self_report.c.id)
        .where(
            in_force(day),
            within(scope, institution_fact.c.district, institution.c.id),
            institution.c.id.not_in(closed),
        )
        .order_by(institution_fact.c.name, institution.c.uscc)
    )
    return tx.execute(query).all()
