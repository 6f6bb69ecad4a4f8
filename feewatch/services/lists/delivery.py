"""Delivery of editions to subscribers: each row of the outbox is claimed, sent and settled."""

import datetime as dt
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Subscriber
from feewatch.gateways.subscribers import push
from feewatch.kernel.clock import now
from feewatch.services.waiting import wait_after
from feewatch.store.lists import outbox
from feewatch.store.lists.outbox import Parcel

#: Beyond the subscriber's time-out, how long a claim holds before another sender may take over.
_CLAIM_MARGIN = dt.timedelta(minutes=2)


class Delivered(NamedTuple):
    """What one round came to."""

    sent: int
    waiting: int
    failed: int


def deliver(app: App) -> Delivered:
    """Send what is due to subscribers; what fails waits longer each time."""
    with app.database.reading() as tx:
        due = outbox.list_due(tx, _text(now()))
    ends = [end for key in due if (end := _deliver_one(app, key)) is not None]
    return Delivered(ends.count("sent"), ends.count("waiting"), ends.count("failed"))


def _deliver_one(app: App, key: int) -> str | None:
    subscribers = {each.name: each for each in app.config.publication.subscribers}
    longest = max((each.timeout_seconds for each in subscribers.values()), default=0)
    until = now() + dt.timedelta(seconds=longest) + _CLAIM_MARGIN
    with app.database.transaction() as tx:
        parcel = outbox.claim(tx, key, _text(now()), _text(until))
    if parcel is None:
        return None
    subscriber = subscribers.get(parcel.subscriber)
    error = "no such subscriber" if subscriber is None else _send(app, subscriber, parcel)
    status, next_try_at = "sent", None
    if error is not None:
        is_last = subscriber is None or parcel.attempts >= subscriber.max_attempts
        status = "failed" if is_last else "waiting"
        next_try_at = _text(now() + wait_after(parcel.attempts))
    with app.database.transaction() as tx:
        outbox.settle(tx, parcel, status, error=error, next_try_at=next_try_at)
    return status


def _send(app: App, subscriber: Subscriber, parcel: Parcel) -> str | None:
    try:
        secret = app.config.resolve(subscriber.secret_file).read_bytes().strip()
    except OSError as fault:
        return f"secret_file: {fault.strerror}"
    if not secret:
        return "secret_file: empty"
    return push(
        subscriber.url,
        parcel.document.encode(),
        secret=secret,
        timestamp=str(int(now().timestamp())),
        key=f"{parcel.district}-{parcel.number}-{parcel.sha256[:16]}",
        timeout_seconds=subscriber.timeout_seconds,
    )


def _text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
