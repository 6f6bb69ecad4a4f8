"""Days for which an institution's contracts or lessons are complete; other days are unknown.

A declared row says what a person vouched for. An implied row runs from the first to the last day
on file and is rewritten from all that is on file, so that the order of imports does not matter.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.store.registers.registers import batches
from feewatch.store.tables.registers import contract, coverage, lesson

#: Registers with coverage, and the day of a row that counts.
_DAYS = {"contracts": contract.c.paid_on, "lessons": lesson.c.held_on}
REGISTERS = tuple(_DAYS)


def declare(
    tx: Connection, register: str, institutions: Collection[int], days: tuple[Day, Day]
) -> set[int]:
    """Put on file that the register is complete on these days; the institutions this is new for."""
    known: set[int] = set()
    for batch in batches(institutions):
        known |= set(
            tx.scalars(
                select(coverage.c.institution_id).where(
                    coverage.c.institution_id.in_(batch),
                    coverage.c.register == register,
                    coverage.c.declared,
                    coverage.c.from_day == days[0],
                    coverage.c.to_day == days[1],
                )
            )
        )
    new = set(institutions) - known
    _add(tx, register, dict.fromkeys(new, days), declared=True)
    return new


def imply(tx: Connection, register: str, institutions: Iterable[int], *, begin: bool) -> set[int]:
    """Rewrite implied coverage from what is on file; the institutions for which it changed.

    With ``begin`` an institution without an implied row gets one, else only those that have one
    are rewritten.
    """
    changed: set[int] = set()
    for batch in batches(institutions):
        before = _implied(tx, register, batch)
        after = {
            institution: days
            for institution, days in _on_file(tx, register, batch).items()
            if begin or institution in before
        }
        _add(tx, register, {e: d for e, d in after.items() if e not in before}, declared=False)
        for institution, days in before.items():
            if institution not in after:
                tx.execute(delete(coverage).where(_is_implied(register, institution)))
            elif after[institution] != days:
                first, last = after[institution]
                tx.execute(
                    update(coverage)
                    .where(_is_implied(register, institution))
                    .values(from_day=first, to_day=last)
                )
        changed |= {e for e in before.keys() | after.keys() if before.get(e) != after.get(e)}
    return changed


def _is_implied(register: str, institution: int) -> ColumnElement[bool]:
    return (
        (coverage.c.institution_id == institution)
        & (coverage.c.register == register)
        & ~coverage.c.declared
    )


def _implied(tx: Connection, register: str, batch: list[int]) -> dict[int, tuple[Day, Day]]:
    rows = tx.execute(
        select(coverage.c.institution_id, coverage.c.from_day, coverage.c.to_day).where(
            coverage.c.institution_id.in_(batch),
            coverage.c.register == register,
            ~coverage.c.declared,
        )
    )
    return {institution: (first, last) for institution, first, last in rows}


def _on_file(tx: Connection, register: str, batch: list[int]) -> dict[int, tuple[Day, Day]]:
    day = _DAYS[register]
    table = day.table
    assert isinstance(table, Table)
    rows = tx.execute(
        select(table.c.institution_id, func.min(day), func.max(day))
        .where(table.c.institution_id.in_(batch), day.is_not(None))
        .group_by(table.c.institution_id)
    )
    return {institution: (first, last) for institution, first, last in rows}


def _add(
    tx: Connection, register: str, rows: dict[int, tuple[Day, Day]], *, declared: bool
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
                    "recorded_on": today(),
                }
                for institution, (first, last) in sorted(rows.items())
            ],
        )


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
