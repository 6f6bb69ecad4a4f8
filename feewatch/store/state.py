"""Marks of work to be done, one row an institution: who must be matched and checked again."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select, update

from feewatch.store.holdings import list_linked
from feewatch.store.once import insert_missing
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
        {"institution_id": institution_id, "to_match": entries, "to_check": True}
        for institution_id in sorted(set(institutions) - known)
    ]
    if missing:
        insert_missing(tx, state, missing)  # two at once may find it missing
    values = {"to_check": True} | ({"to_match": True} if entries else {})
    tx.execute(update(state).where(state.c.institution_id.in_(institutions)).values(values))


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
