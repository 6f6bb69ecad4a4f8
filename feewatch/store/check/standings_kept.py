"""Where each institution stood when the office was last checked: kept once, read by pages.

A check writes what differs from what the one before kept, for nobody until it ends; the rest stays.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.scope import among, within
from feewatch.store.tables.checks import check_run, cover_standing

_LATEST = select(func.max(check_run.c.id)).where(check_run.c.is_unfinished.is_(False))
_KEEPER = select(check_run).where(
    check_run.c.id == _LATEST.scalar_subquery(), check_run.c.has_standings
)
_IS_READ = cover_standing.c.check_run_id > 0


class KeptStandings(NamedTuple):
    """What the last check kept: of which day, and a row an institution by credit code."""

    as_of: Day
    rows: Sequence[Row[Any]]


def begin(tx: Connection, run: int) -> Row[Any] | None:
    """Let a check begin to keep: the check before it, where its standings are those that are read.

    None where they are of none, or of one before that: a check that was broken off has judged some
    institutions anew, on which nobody looks again. What it left behind of standings goes.
    """
    tx.execute(delete(cover_standing).where(~_IS_READ))
    before = select(func.max(check_run.c.id)).where(check_run.c.id < run)
    return tx.execute(_KEEPER.where(check_run.c.id == before.scalar_subquery())).one_or_none()


def put(tx: Connection, run: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Some of what a check keeps, read by nobody before it is whole."""
    if rows:
        tx.execute(insert(cover_standing), [{**row, "check_run_id": -run} for row in rows])


def end(tx: Connection, run: int, changed: Collection[int], gone: Collection[int]) -> bool:
    """Whether all that a check keeps is there, and is kept from now on.

    ``changed``: the institutions of which it wrote a standing; ``gone``: those of which none is
    kept any more. Where another check took some of them away, nothing of this one is kept.
    """
    is_own = cover_standing.c.check_run_id == -run
    written = {*tx.scalars(select(cover_standing.c.institution_id).where(is_own))}
    if written != {*changed}:
        tx.execute(delete(cover_standing).where(is_own))
        return False
    of = cover_standing.c.institution_id
    is_over = or_(of.in_(select(of).where(is_own)), among(of, gone))
    tx.execute(delete(cover_standing).where(_IS_READ, is_over))
    tx.execute(update(cover_standing).where(is_own).values(check_run_id=run))
    tx.execute(update(check_run).where(check_run.c.id == run).values(has_standings=True))
    return True


def list_known(tx: Connection) -> set[int]:
    """The institutions of which a standing is kept."""
    return {*tx.scalars(select(cover_standing.c.institution_id).where(_IS_READ))}


def list_of(tx: Connection, institutions: Collection[int]) -> Sequence[Row[Any]]:
    """What is kept of some institutions, by whichever check."""
    mine = among(cover_standing.c.institution_id, institutions)
    return tx.execute(select(cover_standing).where(_IS_READ, mine)).all()


def read_kept(tx: Connection, scope: Scope) -> KeptStandings | None:
    """What the last check kept within a scope; None where that check kept nothing of it."""
    keeper = tx.execute(_KEEPER).one_or_none()
    if keeper is None:
        return None
    query = select(cover_standing).where(
        _IS_READ, within(cover_standing.c.district, scope.district)
    )
    if scope.institution_id is not None:
        query = query.where(cover_standing.c.institution_id == scope.institution_id)
    rows = tx.execute(query.order_by(cover_standing.c.uscc)).all()
    return KeptStandings(keeper.as_of, rows) if rows else None
