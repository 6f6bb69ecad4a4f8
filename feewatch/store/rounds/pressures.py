"""通报, 挂牌督办, 问责建议 in the database, and the problems on which they rest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import case_event, case_file, case_matter, matter
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import pressure


def list_problems(tx: Connection, scope: Scope, since: Day, until: Day) -> Sequence[Row[Any]]:
    """Matters in scope, notified within the days: institution, rule, case, moment."""
    query = (
        select(case_file.c.institution_id, matter.c.rule, case_file.c.number, matter.c.id)
        .add_columns(case_event.c.at)
        .join_from(case_file, case_event, case_event.c.case_file_id == case_file.c.id)
        .join(case_matter, case_matter.c.case_file_id == case_file.c.id)
        .join(matter, matter.c.id == case_matter.c.matter_id)
        .where(
            case_event.c.step == "notify",
            case_file.c.institution_id.is_not(None),
            case_event.c.at >= format_day(since),
            case_event.c.at < format_day(until + 1),
            within(scope, case_file.c.district, case_file.c.institution_id),
        )
        .order_by(case_event.c.at, matter.c.id)
    )
    return tx.execute(query).all()


def add(tx: Connection, **values: Any) -> int:
    """The key of a new one."""
    row = {**values, "at": timestamp()}
    key: int = tx.execute(insert(pressure).returning(pressure.c.id), row).scalar_one()
    return key


def find_listed(tx: Connection, institution_id: int) -> Row[Any] | None:
    """The listing of an institution that is not lifted."""
    c = pressure.c
    query = select(pressure).where(
        c.institution_id == institution_id, c.kind == "listed", c.lifted_on.is_(None)
    )
    return tx.execute(query).one_or_none()


def find(tx: Connection, key: int) -> Row[Any] | None:
    """One of them."""
    return tx.execute(select(pressure).where(pressure.c.id == key)).one_or_none()


def lift(tx: Connection, key: int, on: Day, actor: str, document: str, reason: str) -> bool:
    """Whether a listing was lifted; False where it was before."""
    c = pressure.c
    changed = tx.execute(
        update(pressure)
        .where(c.id == key, c.lifted_on.is_(None))
        .values(lifted_on=on, lifted_by=actor, lift_document=document, lift_reason=reason)
    )
    return changed.rowcount == 1


def list_all(tx: Connection, scope: Scope, day: Day) -> Sequence[Row[Any]]:
    """All within a scope, the last first, with the institution."""
    query = (
        select(pressure, institution.c.uscc, institution_fact.c.name)
        .join(institution, institution.c.id == pressure.c.institution_id)
        .outerjoin(
            institution_fact,
            and_(institution_fact.c.institution_id == institution.c.id, in_force(day)),
        )
        .where(within(scope, pressure.c.district, pressure.c.institution_id))
        .order_by(pressure.c.on_day.desc(), pressure.c.id.desc())
    )
    return tx.execute(query).all()
