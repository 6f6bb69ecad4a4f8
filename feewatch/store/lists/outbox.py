"""What subscribers are still owed, each district in the order of its editions, and of its results.

A sender claims a row, so two senders never send the same. An edition waits for the one before it.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
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
from feewatch.store.tables.publication import (
    edition,
    outbox,
    paused_subscriber,
    result_document,
    result_parcel,
)

_OPEN = ("waiting", "sending")


class Shelf(NamedTuple):
    """One kind of thing that is pushed: its documents, and to whom each is owed."""

    name: str
    documents: Table
    parcels: Table
    document_id: Column[int]  # of a parcel


EDITIONS = Shelf("edition", edition, outbox, outbox.c.edition_id)
RESULTS = Shelf("results", result_document, result_parcel, result_parcel.c.result_document_id)
SHELVES = (EDITIONS, RESULTS)


class Parcel(NamedTuple):
    """A document that one sender has claimed for one subscriber."""

    id: int
    subscriber: str
    attempts: int  # this one included
    district: str
    number: int
    sha256: str
    document: str
    claimed_until: str
    shelf: Shelf = EDITIONS


class DueParcel(NamedTuple):
    """A row that may be sent now."""

    id: int
    subscriber: str
    shelf: Shelf = EDITIONS


def list_due(tx: Connection, now: str) -> list[DueParcel]:
    """Rows to be sent now, of each shelf oldest first; those of a sender that died come back."""
    return [due for shelf in SHELVES for due in _list_due(tx, now, shelf)]


def _list_due(tx: Connection, now: str, shelf: Shelf) -> list[DueParcel]:
    row = shelf.parcels.c
    query = select(row.id, row.subscriber).join(shelf.documents).where(*_due(now, shelf))
    return [DueParcel(*each, shelf) for each in tx.execute(query.order_by(row.id))]


def claim(tx: Connection, key: int, now: str, until: str, shelf: Shelf = EDITIONS) -> Parcel | None:
    """The parcel of a row if this sender is the one that gets it."""
    row, document = shelf.parcels.c, shelf.documents.c
    is_due = select(row.id).join(shelf.documents).where(row.id == key, *_due(now, shelf))
    if tx.scalar(is_due) is None:
        return None
    claimed = tx.execute(
        update(shelf.parcels)
        .where(
            row.id == key,
            row.status.in_(_OPEN),
            or_(row.claimed_until.is_(None), row.claimed_until < now),
        )
        .values(status="sending", claimed_until=until, attempts=row.attempts + 1)
    )
    if claimed.rowcount != 1:
        return None
    told = tx.execute(
        select(
            row.id,
            row.subscriber,
            row.attempts,
            document.district,
            document.number,
            document.sha256,
            document.document,
            row.claimed_until,
        )
        .join(shelf.documents)
        .where(row.id == key)
    ).one()
    return Parcel(*told, shelf)


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
    row = parcel.shelf.parcels.c
    tx.execute(
        update(parcel.shelf.parcels)
        .where(row.id == parcel.id, row.claimed_until == parcel.claimed_until)
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
    for shelf in SHELVES:
        row = shelf.parcels.c
        waits = row.subscriber == name, row.status == "waiting"
        tx.execute(update(shelf.parcels).where(*waits).values(next_try_at=timestamp()))
    return True


def put_results(
    tx: Connection,
    district: str,
    document: Callable[[int], str],
    *,
    after: int,
    content_sha256: str,
    made_by: str,
    subscribers: Collection[str],
) -> int | None:
    """The number under which results are owed to subscribers; None where another took it.

    ``document``: makes the text for a number. ``after``: the last number when the rows were read,
    so that rows read earlier never follow those that were read later.
    """
    kept = result_document.c
    number = after + 1
    text = document(number)
    values = {
        "district": district, "number": number, "document": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "content_sha256": content_sha256,
        "made_at": timestamp(), "made_by": made_by,
    }  # fmt: skip
    if not insert_once(tx, result_document, values):
        return None
    key = tx.scalars(select(kept.id).where(kept.district == district, kept.number == number)).one()
    tx.execute(
        insert(result_parcel),
        [
            {"result_document_id": key, "subscriber": name, "status": "waiting", "attempts": 0,
             "next_try_at": timestamp()}
            for name in subscribers
        ],
    )  # fmt: skip
    again = select(kept.id).where(kept.district == district)
    row = result_parcel.c
    tx.execute(  # what was given up on before is tried anew: results that follow wait for it
        update(result_parcel)
        .where(row.status == "failed", row.result_document_id.in_(again))
        .where(row.subscriber.in_(subscribers))
        .values(status="waiting", attempts=0, next_try_at=timestamp())
    )
    return number


def last_number(tx: Connection, district: str) -> int:
    """The number of the results that were last given of a district; 0 where none were."""
    kept = result_document.c
    return tx.scalar(select(func.max(kept.number)).where(kept.district == district)) or 0


def last_content(tx: Connection, district: str) -> str | None:
    """The hash of the rows that were last given of a district."""
    kept = result_document.c
    query = select(kept.content_sha256).where(kept.district == district)
    return tx.scalar(query.order_by(kept.number.desc()).limit(1))


def all_owed(tx: Connection, district: str, subscribers: Collection[str]) -> bool:
    """Whether each of these has the last results of a district, or waits with none given up on."""
    row, kept = result_parcel.c, result_document.c
    query = (
        select(row.subscriber, row.status, kept.number)
        .join(result_document)
        .where(kept.district == district, row.subscriber.in_(subscribers))
    )
    parcels = tx.execute(query).all()
    last = tx.scalar(select(func.max(kept.number)).where(kept.district == district))
    have = {each.subscriber for each in parcels if each.number == last}
    return have >= {*subscribers} and all(each.status != "failed" for each in parcels)


def list_results(tx: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Results that were pushed, the last first, by subscriber, with what came of each."""
    row, kept = result_parcel.c, result_document.c
    query: Select[Any] = select(
        row.subscriber, row.status, row.attempts, row.next_try_at, row.last_error, row.taken_at,
        kept.district, kept.number, kept.made_at, kept.made_by,
    ).join(result_document)  # fmt: skip
    return tx.execute(query.order_by(row.id.desc()).limit(limit)).all()


def count_results(tx: Connection, status: str) -> int:
    """How many pushes of results are in a state."""
    query = select(func.count()).select_from(result_parcel)
    return tx.scalars(query.where(result_parcel.c.status == status)).one()


def _due(now: str, shelf: Shelf) -> list[ColumnElement[bool]]:
    """Conditions on a row beside its document."""
    row, document = shelf.parcels.c, shelf.documents.c
    before, its = shelf.parcels.alias("before"), shelf.documents.alias("its_document")
    is_behind = (
        select(before.c.id)
        .join(its, its.c.id == before.c[shelf.document_id.key])
        .where(
            before.c.subscriber == row.subscriber,
            its.c.district == document.district,
            its.c.number < document.number,
            before.c.status != "sent",
        )
        .correlate(shelf.parcels, shelf.documents)
    )
    return [
        row.status.in_(_OPEN),
        row.next_try_at <= now,
        or_(row.claimed_until.is_(None), row.claimed_until < now),
        row.subscriber.not_in(select(paused_subscriber.c.name)),
        ~is_behind.exists(),
    ]
