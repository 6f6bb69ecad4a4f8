"""Where each institution stood when the office was last checked: kept once, read by pages."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from feewatch.kernel.people import Scope
from feewatch.store.scope import within
from feewatch.store.tables.checks import check_run, cover_standing

_LATEST = select(func.max(check_run.c.id)).where(check_run.c.is_unfinished.is_(False))


def latest_run(tx: Connection) -> int | None:
    """The key of the last check that ended."""
    return tx.scalars(_LATEST).one_or_none()


def replace_all(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """What is kept from now on."""
    tx.execute(delete(cover_standing))
    if rows:
        tx.execute(insert(cover_standing), rows)


def list_kept(tx: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """What the last check kept within a scope; nothing where that check kept nothing."""
    query = select(cover_standing).where(
        cover_standing.c.check_run_id == _LATEST.scalar_subquery(),
        within(cover_standing.c.district, scope.district),
    )
    if scope.institution_id is not None:
        query = query.where(cover_standing.c.institution_id == scope.institution_id)
    return tx.execute(query.order_by(cover_standing.c.uscc)).all()
