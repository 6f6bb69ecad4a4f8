"""What subscribers are still owed, each district in the order of its editions.

A sender claims a row, so two senders never send the same. An edition waits for the one before it.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from feewatch.kernel.clock import timestamp
from feewatch.store.once import insert_once
from feewatch.store.tables.publication import edition, outbox, paused_subscriber

_OPEN = ("waiting", "sending")


class Parcel(NamedTuple):
    """An edition that one sender has claimed for one subscriber."""

    id: int
    subscriber: str
    attempts: int  # this one included
    district: str
    number: int
    sha256: str
    document: str
    claimed_until: str


class DueParcel(NamedTuple):
    """A row that may be sent now."""

    id: int
    subscriber: str


def list_due(tx: Connection, now: str) -> list[DueParcel]:
    """Rows to be sent now, oldest first; those of a sender that died come back."""
    query = select(outbox.c.id, outbox.c.subscriber).join(edition).where(*_due(now))
    return [DueParcel(*row) for row in tx.execute(query.order_by(outbox.c.id))]


def claim(tx: Connection, key: int, now: str, until: str) -> Parcel | None:
    """The parcel of a row if this sender is the one that gets it."""
    is_due = select(outbox.c.id).join(edition).where(outbox.c.id == key, *_due(now))
    if tx.scalar(is_due) is None:
        return None
    claimed = tx.execute(
        update(outbox)
        .where(
            outbox.c.id == key,
            outbox.c.status.in_(_OPEN),
            or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now),
        )
        .values(status="sending", claimed_until=until, attempts=outbox.c.attempts + 1)
    )
    if claimed.rowcount != 1:
        return None
    row = tx.execute(
        select(
            outbox.c.id,
            outbox.c.subscriber,
            outbox.c.attempts,
            edition.c.district,
            edition.c.number,
            edition.c.sha256,
            edition.c.document,
            outbox.c.claimed_until,
        )
        .join(edition)
        .where(outbox.c.id == key)
    ).one()
    return Parcel(*row)


def settle(
    tx: Connection,
    parcel: Parcel,
    status: str,
    *,
    error: str | None,
    next_try_at: str | None = None,
) -> None:
    """What came of a parcel: sent, waiting for the next try, or failed for good.

    Changes nothing where the claim had run out and another sender took over.
    """
    values = {"status": status, "last_error": error, "claimed_until": None}
    if next_try_at is not None:
        values["next_try_at"] = next_try_at
    if status == "sent":
        values["taken_at"] = timestamp()
    tx.execute(
        update(outbox)
        .where(outbox.c.id == parcel.id, outbox.c.claimed_until == parcel.claimed_until)
        .values(values)
    )


def wake(tx: Connection, district: str, subscribers: Collection[str]) -> None:
    """Let what these were given up on be tried anew: an edition that follows waits for it."""
    numbers = select(edition.c.id).where(edition.c.district == district)
    tx.execute(
        update(outbox)
        .where(
            outbox.c.status == "failed",
            outbox.c.subscriber.in_(subscribers),
            outbox.c.edition_id.in_(numbers),
        )
        .values(status="waiting", attempts=0, next_try_at=timestamp())
    )


def replay(
    tx: Connection, subscriber: str, district: str | None, first: int, last: int | None
) -> int:
    """Let a subscriber be sent editions again, also those it was never owed; how many."""
    wanted = [edition.c.number >= first]
    if last is not None:
        wanted.append(edition.c.number <= last)
    if district is not None:
        wanted.append(edition.c.district == district)
    keys = list(tx.scalars(select(edition.c.id).where(*wanted).order_by(edition.c.id)))
    again = {
        "status": "waiting", "attempts": 0, "next_try_at": timestamp(), "claimed_until": None,
        "last_error": None, "taken_at": None,
    }  # fmt: skip
    there = set(tx.scalars(select(outbox.c.edition_id).where(outbox.c.subscriber == subscriber)))
    tx.execute(
        update(outbox)
        .where(
            outbox.c.subscriber == subscriber,
            outbox.c.edition_id.in_(select(edition.c.id).where(*wanted)),
        )
        .values(again)
    )
    missing = [
        {"edition_id": key, "subscriber": subscriber, **again} for key in keys if key not in there
    ]
    if missing:
        tx.execute(insert(outbox), missing)
    return len(keys)


def count_by_subscriber(tx: Connection) -> Sequence[Row[Any]]:
    """By subscriber how many rows wait, failed and were taken, and when the last was taken."""
    query: Select[Any] = select(
        outbox.c.subscriber,
        func.sum(case((outbox.c.status.in_(_OPEN), 1), else_=0)).label("waiting"),
        func.sum(case((outbox.c.status == "failed", 1), else_=0)).label("failed"),
        func.sum(case((outbox.c.status == "sent", 1), else_=0)).label("taken"),
        func.max(outbox.c.taken_at).label("taken_at"),
    )
    return tx.execute(query.group_by(outbox.c.subscriber).order_by(outbox.c.subscriber)).all()


def list_open(tx: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Rows that are not taken, those given up on first, with their edition."""
    query = (
        select(outbox, edition.c.district, edition.c.number)
        .join(edition)
        .where(outbox.c.status != "sent")
        .order_by((outbox.c.status == "failed").desc(), outbox.c.subscriber, outbox.c.id)
    )
    return tx.execute(query.limit(limit)).all()


def list_last_taken(tx: Connection) -> Sequence[Row[Any]]:
    """By subscriber and district the last edition that was taken."""
    query: Select[Any] = (
        select(outbox.c.subscriber, edition.c.district, func.max(edition.c.number).label("number"))
        .join(edition)
        .where(outbox.c.status == "sent")
        .group_by(outbox.c.subscriber, edition.c.district)
        .order_by(outbox.c.subscriber, edition.c.district)
    )
    return tx.execute(query).all()


def list_paused(tx: Connection) -> dict[str, Row[Any]]:
    """The pauses that run, by subscriber."""
    return {row.name: row for row in tx.execute(select(paused_subscriber))}


def pause(tx: Connection, name: str, by: str, reason: str) -> bool:
    """Whether nothing is sent to a subscriber from now on; False where that was so before."""
    row = {"name": name, "paused_by": by, "paused_at": timestamp(), "reason": reason}
    return insert_once(tx, paused_subscriber, row)


def resume(tx: Connection, name: str) -> bool:
    """Whether a pause ended; what waits is due at once."""
    ended = tx.execute(delete(paused_subscriber).where(paused_subscriber.c.name == name))
    if ended.rowcount != 1:
        return False
    waits = outbox.c.subscriber == name, outbox.c.status == "waiting"
    tx.execute(update(outbox).where(*waits).values(next_try_at=timestamp()))
    return True


def _due(now: str) -> list[ColumnElement[bool]]:
    """Conditions on a row beside its edition."""
    before, its_edition = outbox.alias("before"), edition.alias("its_edition")
    is_behind = (
        select(before.c.id)
        .join(its_edition, its_edition.c.id == before.c.edition_id)
        .where(
            before.c.subscriber == outbox.c.subscriber,
            its_edition.c.district == edition.c.district,
            its_edition.c.number < edition.c.number,
            before.c.status != "sent",
        )
        .correlate(outbox, edition)
    )
    return [
        outbox.c.status.in_(_OPEN),
        outbox.c.next_try_at <= now,
        or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now),
        outbox.c.subscriber.not_in(select(paused_subscriber.c.name)),
        ~is_behind.exists(),
    ]
