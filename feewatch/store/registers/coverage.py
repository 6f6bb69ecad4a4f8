"""Days for which an institution's contracts or lessons are complete; other days are unknown.

A declared row says what a person vouched for. An implied row runs from the first to the last day
on file and is rewritten from all that is on file, so that the order of imports does not matter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day
from feewatch.store.registers.registers import batches
from feewatch.store.tables.registers import contract, coverage, coverage_confirmation, lesson

#: Registers with coverage, and the day of a row that counts.
_DAYS = {"contracts": contract.c.paid_on, "lessons": lesson.c.held_on}
REGISTERS = tuple(_DAYS)
#: What names a row of a register within its institution.
_KEYS = {"contracts": ("contract_no",), "lessons": ("contract_id", "held_on")}
OFFICE, INSTITUTION = "office", "institution"


def declare(
    tx: Connection,
    register: str,
    institutions: Collection[int],
    days: tuple[Day, Day],
    told_by: str = OFFICE,
) -> set[int]:
    """Put on file that the register is complete on these days; the institutions this is new for.

    What the office has said already the institution adds nothing to.
    """
    known: set[int] = set()
    words = {OFFICE, told_by}
    for batch in batches(institutions):
        known |= set(
            tx.scalars(
                select(coverage.c.institution_id).where(
                    coverage.c.institution_id.in_(batch),
                    coverage.c.register == register,
                    coverage.c.declared,
                    coverage.c.from_day == days[0],
                    coverage.c.to_day == days[1],
                    coverage.c.told_by.in_(words),
                )
            )
        )
    new = set(institutions) - known
    _add(tx, register, dict.fromkeys(new, days), declared=True, told_by=told_by)
    return new


def imply(
    tx: Connection,
    register: str,
    institutions: Iterable[int],
    *,
    begin: bool,
    told_by: str = OFFICE,
) -> set[int]:
    """Rewrite implied coverage from what is on file; the institutions for which it changed.

    With ``begin`` an institution without an implied row by this word gets one, else only those
    that have one are rewritten.
    """
    changed: set[int] = set()
    for batch in batches(institutions):
        for word in (OFFICE, INSTITUTION):
            changed |= _imply(tx, register, batch, word, begin=begin and word == told_by)
    return changed


def _imply(
    tx: Connection, register: str, batch: list[int], told_by: str, *, begin: bool
) -> set[int]:
    before = _implied(tx, register, batch, told_by)
    after = {
        institution: days
        for institution, days in _on_file(tx, register, batch, told_by).items()
        if begin or institution in before
    }
    fresh = {e: d for e, d in after.items() if e not in before}
    _add(tx, register, fresh, declared=False, told_by=told_by)
    for institution, days in before.items():
        mine = _is_implied(register, institution, told_by)
        if institution not in after:
            tx.execute(delete(coverage).where(mine))
        elif after[institution] != days:
            first, last = after[institution]
            tx.execute(update(coverage).where(mine).values(from_day=first, to_day=last))
    return {e for e in before.keys() | after.keys() if before.get(e) != after.get(e)}


def tell(
    tx: Connection, register: str, institutions: Iterable[int], keys: Collection[tuple[Any, ...]]
) -> None:
    """Let rows that institutions told be the office's from now on: its own file tells of them too.

    ``keys``: (contract number) of contracts, (contract, day held) of lessons.
    """
    table = _DAYS[register].table
    assert isinstance(table, Table)
    for batch in batches(institutions):
        rows = tx.execute(
            select(table.c.id, *(table.c[name] for name in _KEYS[register])).where(
                table.c.institution_id.in_(batch), table.c.told_by == INSTITUTION
            )
        )
        told = [{"row": row[0], "told_by_": None} for row in rows if tuple(row[1:]) in keys]
        if told:
            known = update(table).where(table.c.id == bindparam("row"))
            tx.execute(
                known.values(told_by=bindparam("told_by_", type_=table.c.told_by.type)), told
            )


def _is_implied(register: str, institution: int, told_by: str) -> ColumnElement[bool]:
    return (
        (coverage.c.institution_id == institution)
        & (coverage.c.register == register)
        & (coverage.c.told_by == told_by)
        & ~coverage.c.declared
    )


def _implied(
    tx: Connection, register: str, batch: list[int], told_by: str
) -> dict[int, tuple[Day, Day]]:
    rows = tx.execute(
        select(coverage.c.institution_id, coverage.c.from_day, coverage.c.to_day).where(
            coverage.c.institution_id.in_(batch),
            coverage.c.register == register,
            coverage.c.told_by == told_by,
            ~coverage.c.declared,
        )
    )
    return {institution: (first, last) for institution, first, last in rows}


def _on_file(
    tx: Connection, register: str, batch: list[int], told_by: str
) -> dict[int, tuple[Day, Day]]:
    """The first and last day on file, of all rows or of those that the office told."""
    day = _DAYS[register]
    table = day.table
    assert isinstance(table, Table)
    counts = table.c.told_by.is_(None) if told_by == OFFICE else true()
    rows = tx.execute(
        select(table.c.institution_id, func.min(day), func.max(day))
        .where(table.c.institution_id.in_(batch), day.is_not(None), counts)
        .group_by(table.c.institution_id)
    )
    return {institution: (first, last) for institution, first, last in rows}


def _add(
    tx: Connection,
    register: str,
    rows: dict[int, tuple[Day, Day]],
    *,
    declared: bool,
    told_by: str,
) -> None:
    if rows:
        tx.execute(
            insert(coverage),
            [
                {
                    "institution_id": institution,
                    "register": register,
                    "from_day": first,
                    "to_day": last,
                    "declared": declared,
                    "told_by": told_by,
                    "recorded_on": today(),
                }
                for institution, (first, last) in sorted(rows.items())
            ],
        )


def list_by_word(tx: Connection, institution: int) -> dict[tuple[str, str], list[tuple[Day, Day]]]:
    """By register and word the days for which it is said to be complete, as told."""
    column = coverage.c
    ranges: defaultdict[tuple[str, str], list[tuple[Day, Day]]] = defaultdict(list)
    for register, word, first, last in tx.execute(
        select(column.register, column.told_by, column.from_day, column.to_day)
        .where(column.institution_id == institution)
        .order_by(column.from_day)
    ):
        ranges[register, word].append((first, last))
    return ranges


def add_confirmation(tx: Connection, **values: Any) -> None:
    """Put on record that an officer vouches for days that an institution declared."""
    tx.execute(insert(coverage_confirmation).values(at=timestamp(), **values))


def list_confirmations(tx: Connection, institution: int) -> Sequence[Row[Any]]:
    """What officers vouched for, the latest first."""
    table = coverage_confirmation
    query = select(table).where(table.c.institution_id == institution)
    return tx.execute(query.order_by(table.c.id.desc())).all()


def list_ranges(tx: Connection, institution: int) -> dict[str, list[tuple[Day, Day]]]:
    """By register the days for which it is complete, as ranges in order."""
    column = coverage.c
    ranges: dict[str, list[tuple[Day, Day]]] = {register: [] for register in REGISTERS}
    for register, first, last in tx.execute(
        select(column.register, column.from_day, column.to_day)
        .where(column.institution_id == institution)
        .order_by(column.from_day)
    ):
        ranges[register].append((first, last))
    return ranges
