"""Reads and writes who asked to see accounts, payers and memos whole."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from feewatch.store.scope import within
from feewatch.store.tables.casework import alert, case_file, case_matter
from feewatch.store.tables.privacy import unmasking
from feewatch.store.tables.registers import account, institution


def add(tx: Connection, **values: Any) -> int:
    """Put what was asked for on file; its key."""
    key: int = tx.scalars(insert(unmasking).returning(unmasking.c.id), values).one()
    return key


def list_standing(tx: Connection, actor: str, moment: str) -> Sequence[RowMapping]:
    """What a person asked for that still stands at a moment."""
    stands = unmasking.c.actor == actor, unmasking.c.ends_at > moment
    query = select(unmasking).where(*stands).order_by(unmasking.c.id)
    return tx.execute(query).mappings().all()


def list_numbers(tx: Connection, usccs: Collection[str]) -> Sequence[tuple[str, str]]:
    """Number and credit code of every account on the register of these institutions."""
    query = (
        select(account.c.account_no, institution.c.uscc)
        .join(institution, institution.c.id == account.c.institution_id)
        .where(institution.c.uscc.in_(sorted(usccs)))
    )
    return [(number, uscc) for number, uscc in tx.execute(query)]


def list_subjects(tx: Connection, number: str, kinds: Collection[str]) -> list[str]:
    """The subjects of these kinds that the alerts of a case are about."""
    query = (
        select(alert.c.subject_id)
        .join(case_matter, case_matter.c.matter_id == alert.c.matter_id)
        .join(case_file, case_file.c.id == case_matter.c.case_file_id)
        .where(case_file.c.number == number, alert.c.subject_kind.in_(sorted(kinds)))
        .distinct()
    )
    return list(tx.scalars(query))


def list_rows(
    tx: Connection, place: str, actor: str, limit: int, offset: int
) -> Sequence[RowMapping]:
    """What was asked for within a place, the latest first; of one person where one is named."""
    query = _rows(select(unmasking), place, actor).order_by(unmasking.c.id.desc())
    return tx.execute(query.limit(limit).offset(offset)).mappings().all()


def count_rows(tx: Connection, place: str, actor: str) -> int:
    """How many there are."""
    query = _rows(select(func.count()).select_from(unmasking), place, actor)
    return int(tx.scalars(query).one())


def _rows(query: Select[Any], place: str, actor: str) -> Select[Any]:
    query = query.where(within(unmasking.c.district, place))
    return query.where(unmasking.c.actor == actor) if actor else query
