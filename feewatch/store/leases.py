"""Leases: by each, one process works; its number fences off whoever worked before.

A process that stood still past its lease and goes on does not know that another has taken over.
Its clock cannot tell it, the number in the database can: each transaction of its work asks.
"""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, or_, select, update

from feewatch.store.database import FencedOffError, Guard
from feewatch.store.once import insert_once
from feewatch.store.tables.operations import lease

#: Built once: a scheduler asks for its lease with every beat and every transaction of its jobs.
_IS_OWN = lease.c.holder == bindparam("by")
_HOLD = (
    update(lease)
    .where(
        lease.c.name == bindparam("of"),
        or_(
            _IS_OWN,
            lease.c.held_until < bindparam("moment"),
            lease.c.held_until > bindparam("too_far"),
        ),
    )
    .values(
        holder=bindparam("by"),
        held_until=bindparam("until"),
        beat_at=bindparam("moment"),
        number=case((_IS_OWN, lease.c.number), else_=lease.c.number + 1),
        held_since=case((_IS_OWN, lease.c.held_since), else_=bindparam("moment")),
    )
    .returning(lease.c.number)
)
_NEWEST = select(lease.c.number).where(lease.c.name == bindparam("of"))
_NEWEST_HELD = _NEWEST.with_for_update(read=True)


class LeaseState(NamedTuple):
    """A lease as it stands: who has it, until when, since when, the last beat of that process."""

    name: str
    holder: str
    held_until: str
    number: int
    held_since: str | None
    beat_at: str | None


def hold(
    tx: Connection, name: str, holder: str, now: dt.datetime, span: dt.timedelta
) -> int | None:
    """The number under which this holder has the lease from now for a span; None: another has it.

    A lease that runs out is anybody's, and so is one held far beyond its span: a clock that ran
    ahead once set it.
    """
    moment, until = _precise(now), _precise(now + span)
    number: int | None = tx.scalar(
        _HOLD,
        {
            "of": name, "by": holder, "moment": moment, "until": until,
            "too_far": _precise(now + 2 * span),
        },
    )  # fmt: skip
    if number is not None:
        return number
    fresh = {
        "name": name, "holder": holder, "held_until": until, "number": 1, "held_since": moment,
        "beat_at": moment,
    }  # fmt: skip
    return 1 if insert_once(tx, lease, fresh) else None


def release(tx: Connection, name: str, holder: str, now: dt.datetime) -> None:
    """Let others have the lease at once."""
    tx.execute(
        update(lease)
        .where(lease.c.name == name, lease.c.holder == holder)
        .values(held_until=_precise(now))
    )


def fence(name: str, number: int) -> Guard:
    """A guard that lets only the work of the newest holder pass.

    At the end of a transaction the lease is held against a new holder until the commit; at its
    begin it is not, so that a long transaction does not keep its own process from renewing.
    """

    def guard(tx: Connection, ends: bool) -> None:
        if tx.scalar(_NEWEST_HELD if ends else _NEWEST, {"of": name}) != number:
            raise FencedOffError(f"the lease {name} was taken over: number {number} is past")

    return guard


def find_lease(tx: Connection, name: str) -> LeaseState | None:
    """The lease of a name; None where nobody ever had it."""
    row = tx.execute(
        select(*(lease.c[field] for field in LeaseState._fields)).where(lease.c.name == name)
    ).first()
    return None if row is None else LeaseState(*row)


def _precise(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
