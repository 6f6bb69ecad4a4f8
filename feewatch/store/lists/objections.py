"""What is said against notices, decisions and corrections: rows are moved on, never deleted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from feewatch.credit.objections import WAITING
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ConflictError
from feewatch.store.tables.objections import (
    decision_objection,
    decision_objection_event,
    decision_objection_file,
)
from feewatch.store.tables.publication import decision_correction


class About(NamedTuple):
    """What is objected to: a notice, a decision, or a correction of that decision."""

    advance_notice_id: int | None = None
    decision_id: int | None = None
    decision_correction_id: int | None = None


def add(tx: Connection, about: About, **values: Any) -> int:
    """Put an objection on record as waiting; its key."""
    row = {**about._asdict(), "state": WAITING, "made_at": timestamp(), **values}
    query = insert(decision_objection).values(row).returning(decision_objection.c.id)
    key: int = tx.execute(query).scalar_one()
    return key


def add_event(
    tx: Connection, key: int, act: str, text: str, actor: str, files: Iterable[Mapping[str, Any]]
) -> None:
    """An act on an objection, with the files that came with it."""
    row = {
        "decision_objection_id": key, "at": timestamp(), "actor": actor, "act": act, "text": text,
    }  # fmt: skip
    event: int = tx.execute(
        insert(decision_objection_event).values(row).returning(decision_objection_event.c.id)
    ).scalar_one()
    rows = [{"event_id": event, **file} for file in files]
    if rows:
        tx.execute(insert(decision_objection_file), rows)


def find(tx: Connection, key: int, *, lock: bool = False) -> RowMapping | None:
    """An objection by its key."""
    query = select(decision_objection).where(decision_objection.c.id == key)
    return tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()


def list_about(tx: Connection, about: About) -> list[RowMapping]:
    """All that was said of a notice or of a decision (its corrections too), the first first."""
    columns = decision_objection.c
    subjects = [
        columns[name] == value
        for name, value in about._asdict().items()
        if value is not None and name != "decision_correction_id"
    ]
    query = select(decision_objection).where(or_(*subjects)) if subjects else None
    return [] if query is None else list(tx.execute(query.order_by(columns.id)).mappings())


def list_events(tx: Connection, keys: Collection[int]) -> dict[int, list[RowMapping]]:
    """The acts on some objections, by objection, the first first."""
    acts: dict[int, list[RowMapping]] = defaultdict(list)
    query = select(decision_objection_event).where(
        decision_objection_event.c.decision_objection_id.in_(keys)
    )
    for row in tx.execute(query.order_by(decision_objection_event.c.id)).mappings():
        acts[row["decision_objection_id"]].append(row)
    return dict(acts)


def list_files(tx: Connection, events: Collection[int]) -> dict[int, list[RowMapping]]:
    """The files of some acts, by act."""
    files: dict[int, list[RowMapping]] = defaultdict(list)
    query = select(decision_objection_file).where(decision_objection_file.c.event_id.in_(events))
    for row in tx.execute(query.order_by(decision_objection_file.c.id)).mappings():
        files[row["event_id"]].append(row)
    return dict(files)


def find_file(tx: Connection, key: int) -> tuple[RowMapping, RowMapping] | None:
    """A file and the objection to which it belongs."""
    file = (
        tx.execute(select(decision_objection_file).where(decision_objection_file.c.id == key))
        .mappings()
        .one_or_none()
    )
    if file is None:
        return None
    query = (
        select(decision_objection)
        .join(decision_objection_event)
        .where(decision_objection_event.c.id == file["event_id"])
    )
    return file, tx.execute(query).mappings().one()


def move(tx: Connection, key: int, before: str, **values: Any) -> None:
    """New values for an objection, if its state is still the one that was judged.

    Raises: ConflictError where another person was faster.
    """
    changed = tx.execute(
        update(decision_objection)
        .where(decision_objection.c.id == key, decision_objection.c.state == before)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise ConflictError(
            "OBJECTION-STATE",
            "该申辩或异议刚被他人处理，请刷新后重试",
            "someone else just dealt with this objection",
        )


def find_correction(tx: Connection, key: int) -> RowMapping | None:
    """A correction by its key."""
    query = select(decision_correction).where(decision_correction.c.id == key)
    return tx.execute(query).mappings().one_or_none()


def list_corrections(tx: Connection, decision_id: int) -> list[RowMapping]:
    """The corrections of a decision, the first first."""
    query = select(decision_correction).where(decision_correction.c.decision_id == decision_id)
    return list(tx.execute(query.order_by(decision_correction.c.id)).mappings())
