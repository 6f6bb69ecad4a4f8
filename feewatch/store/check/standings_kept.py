"""Where each institution stood when the office was last checked: kept once, read by pages."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from feewatch.kernel.people import Scope
from feewatch.store.scope import within
from feewatch.store.tables.checks import check_run, cover_standing

_LATEST = select(func.max(check_run.c.id)).where(check_run.c.is_unfinished.is_(False))


def begin(tx: Connection, run: int) -> None:
    """Let a check begin to keep; what another kept stays until all of this one is there."""
    tx.execute(delete(cover_standing).where(cover_standing.c.check_run_id == -run))


def put(tx: Connection, run: int, rows: Sequence[dict[str, Any]]) -> None:
    """Some of what a check keeps, read by nobody before it is whole."""
    tx.execute(insert(cover_standing), [{**row, "check_run_id": -run} for row in rows])


def end(tx: Connection, run: int, institutions: Collection[int]) -> bool:
    """Whether all that a check keeps is there, and is kept from now on.

    Where another check kept its own meanwhile, nothing of this one is kept.
    """
    is_own = cover_standing.c.check_run_id == -run
    written = {*tx.scalars(select(cover_standing.c.institution_id).where(is_own))}
    is_whole = {*institutions} <= written
    if not is_whole:
        tx.execute(delete(cover_standing).where(is_own))
        return False
    gone = sorted(written - {*institutions})
    tx.execute(delete(cover_standing).where(~is_own | cover_standing.c.institution_id.in_(gone)))
    tx.execute(update(cover_standing).where(is_own).values(check_run_id=run))
    return True


def list_kept(tx: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """What the last check kept within a scope; nothing where that check kept nothing."""
    query = select(cover_standing).where(
        cover_standing.c.check_run_id == _LATEST.scalar_subquery(),
        within(cover_standing.c.district, scope.district),
    )
    if scope.institution_id is not None:
        query = query.where(cover_standing.c.institution_id == scope.institution_id)
    return tx.execute(query.order_by(cover_standing.c.uscc)).all()
