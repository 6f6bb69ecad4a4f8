"""Marks of work to be done, one row an institution: who must be matched and checked again."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, select, update

from feewatch.store.holdings import list_linked
from feewatch.store.once import insert_missing
from feewatch.store.scope import among
from feewatch.store.tables.checks import institution_state as state


def mark_changed(tx: Connection, institutions: Collection[int], *, entries: bool = True) -> None:
    """Note that data of these institutions changed.

    ``entries`` says whether matching depends on the change (entries, accounts, contracts, refunds
    do; lessons do not). What changes at one concerns all that successions tie to it.
    """
    institutions = list_linked(tx, institutions)
    known = set(
        tx.scalars(select(state.c.institution_id).where(state.c.institution_id.in_(institutions)))
    )
    missing = [
        {"institution_id": institution_id, "to_match": entries, "to_check": True, "changes": 0}
        for institution_id in sorted(set(institutions) - known)
    ]
    if missing:
        insert_missing(tx, state, missing)  # two at once may find it missing
    values = {"to_check": True} | ({"to_match": True} if entries else {})
    change = update(state).where(state.c.institution_id.in_(institutions))
    tx.execute(change.values(**values, changes=state.c.changes + 1))


def mark_to_check(tx: Connection, institutions: Collection[int]) -> None:
    """Let the next check look at these institutions, though nothing of theirs changed."""
    tx.execute(
        update(state).where(among(state.c.institution_id, institutions)).values(to_check=True)
    )


def read_changes(tx: Connection, institutions: Collection[int]) -> dict[int, int]:
    """How often the data of each institution changed so far."""
    return {row.institution_id: row.changes for row in tx.execute(_changes_of(institutions))}


def list_changed(tx: Connection, changes: Mapping[int, int], *, locked: bool = False) -> set[int]:
    """Those whose data changed since ``read_changes`` gave these numbers.

    ``locked``: those about to commit a change are waited for, and no other can until the
    transaction ends.
    """
    query = _changes_of(changes).order_by(state.c.institution_id)
    rows = tx.execute(query.with_for_update() if locked else query)
    return {row.institution_id for row in rows if row.changes != changes[row.institution_id]}


def _changes_of(institutions: Collection[int]) -> Select[Any]:
    query = select(state.c.institution_id, state.c.changes)
    return query.where(among(state.c.institution_id, institutions))


def read_marks(tx: Connection, institutions: Collection[int]) -> dict[int, tuple[int, bool]]:
    """How often the data of each institution changed so far, and whether it is to be matched."""
    return {
        row.institution_id: (row.changes, row.to_match)
        for row in tx.execute(_marks_of(institutions))
    }


def list_moved(tx: Connection, marks: Mapping[int, tuple[int, bool]]) -> set[int]:
    """Those whose data changed, or that were matched, since ``read_marks``; as ``list_changed``."""
    rows = tx.execute(_marks_of(marks).order_by(state.c.institution_id).with_for_update())
    return {
        row.institution_id
        for row in rows
        if (row.changes, row.to_match) != marks[row.institution_id]
    }


def _marks_of(institutions: Collection[int]) -> Select[Any]:
    query = select(state.c.institution_id, state.c.changes, state.c.to_match)
    return query.where(among(state.c.institution_id, institutions))


def list_to_match(tx: Connection) -> list[int]:
    """Institutions whose entries must be classified and matched again."""
    return list(
        tx.scalars(
            select(state.c.institution_id).where(state.c.to_match).order_by(state.c.institution_id)
        )
    )


def mark_matched(tx: Connection, institutions: Iterable[int]) -> None:
    """Note that these institutions were matched."""
    tx.execute(
        update(state).where(state.c.institution_id.in_(list(institutions))).values(to_match=False)
    )
