"""What subscribers are still owed. A sender claims a row, so two senders never send the same."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select, update

from feewatch.store.tables.publication import edition, outbox


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


def list_due(tx: Connection, now: str) -> list[int]:
    """Rows to be sent now, oldest first; those of a sender that died come back."""
    return list(tx.scalars(select(outbox.c.id).where(*_due(now)).order_by(outbox.c.id)))


def claim(tx: Connection, key: int, now: str, until: str) -> Parcel | None:
    """The parcel of a row if this sender is the one that gets it."""
    claimed = tx.execute(
        update(outbox)
        .where(outbox.c.id == key, *_due(now))
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
    tx.execute(
        update(outbox)
        .where(outbox.c.id == parcel.id, outbox.c.claimed_until == parcel.claimed_until)
        .values(values)
    )


def _due(now: str) -> list[ColumnElement[bool]]:
    return [
        outbox.c.status.in_(("waiting", "sending")),
        outbox.c.next_try_at <= now,
        or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now),
    ]
