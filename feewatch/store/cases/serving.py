"""Acts of serving many in the database: what waits, what was done, what was refused."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.scope import among
from feewatch.store.tables.casework import case_file, case_matter, matter
from feewatch.store.tables.papers import serving_item, serving_run

WAITING, DONE, REFUSED = "waiting", "done", "refused"


def add_run(
    tx: Connection,
    items: Sequence[Mapping[str, Any]],
    *,
    actor: str,
    way: str,
    reason: str,
    deadline: Day | None,
) -> int:
    """The key of a new act with its parts, all waiting."""
    (key,) = tx.execute(
        insert(serving_run)
        .values(
            actor=actor,
            started_at=timestamp(),
            way=way,
            reason=reason,
            deadline=deadline,
            items=len(items),
        )
        .returning(serving_run.c.id)
    ).one()
    rows = [{"serving_run_id": key, "status": WAITING, **item} for item in items]
    tx.execute(insert(serving_item), rows)
    assert isinstance(key, int)
    return key


def find_run(tx: Connection, key: int) -> RowMapping | None:
    """One act."""
    query = select(serving_run).where(serving_run.c.id == key)
    return tx.execute(query).mappings().one_or_none()


def list_runs(tx: Connection, actor: str | None = None, limit: int = 50) -> list[RowMapping]:
    """Acts, the latest first."""
    query = select(serving_run).order_by(serving_run.c.id.desc()).limit(limit)
    if actor is not None:
        query = query.where(serving_run.c.actor == actor)
    return list(tx.execute(query).mappings())


def list_unfinished(tx: Connection) -> list[int]:
    """The keys of acts of which parts wait, the oldest first."""
    query = select(serving_run.c.id).where(serving_run.c.ended_at.is_(None))
    return list(tx.scalars(query.order_by(serving_run.c.id)))


def take_waiting(tx: Connection, run: int) -> RowMapping | None:
    """A part that waits, held by this transaction and by no other worker's."""
    return tx.execute(_WAITING, {"of_run": run}).mappings().one_or_none()


_WAITING = (
    select(serving_item)
    .where(serving_item.c.serving_run_id == bindparam("of_run"), serving_item.c.status == WAITING)
    .order_by(serving_item.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_FINISH = update(serving_item).where(
    serving_item.c.id == bindparam("of_item"), serving_item.c.status == WAITING
)


def finish_item(tx: Connection, key: int, **values: Any) -> bool:
    """Whether the part was ended now; False where it was before."""
    done = tx.execute(_FINISH, {"of_item": key, **values})
    return done.rowcount == 1


def end_run(tx: Connection, key: int) -> bool:
    """Whether the act is ended now: nothing of it waits."""
    left = select(serving_item.c.id).where(
        serving_item.c.serving_run_id == key, serving_item.c.status == WAITING
    )
    done = tx.execute(
        update(serving_run)
        .where(serving_run.c.id == key, serving_run.c.ended_at.is_(None), ~left.exists())
        .values(ended_at=timestamp())
    )
    return done.rowcount == 1


def count_by_status(tx: Connection, run: int) -> dict[str, int]:
    """How many parts stand how."""
    query = (
        select(serving_item.c.status, func.count().label("items"))
        .where(serving_item.c.serving_run_id == run)
        .group_by(serving_item.c.status)
    )
    return {row.status: row.items for row in tx.execute(query)}


def list_items(
    tx: Connection, run: int, statuses: Collection[str], limit: int, offset: int = 0
) -> list[RowMapping]:
    """Parts of an act that stand so, in their order."""
    query = select(serving_item).where(
        serving_item.c.serving_run_id == run, serving_item.c.status.in_(list(statuses))
    )
    return list(
        tx.execute(query.order_by(serving_item.c.id).limit(limit).offset(offset)).mappings()
    )


def list_chosen_matters(tx: Connection, keys: Collection[int]) -> list[RowMapping]:
    """Matters with the number and place of their case, where they are in one."""
    query = (
        select(matter, case_file.c.number.label("case_number"))
        .outerjoin(case_matter, case_matter.c.matter_id == matter.c.id)
        .outerjoin(case_file, case_file.c.id == case_matter.c.case_file_id)
        .where(among(matter.c.id, keys))
        .order_by(matter.c.id)
    )
    return list(tx.execute(query).mappings())
