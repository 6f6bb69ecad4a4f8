"""Delivery of editions and results: each row owed to a subscriber is claimed, sent and settled."""

import datetime as dt
import random
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import PUSH
from feewatch.config import Subscriber
from feewatch.gateways.subscribers import Pushed, push, read_secrets
from feewatch.kernel.clock import now
from feewatch.kernel.people import SYSTEM
from feewatch.kernel.text import Text
from feewatch.services.messages import tell_office
from feewatch.services.waiting import wait_after
from feewatch.store.database import Transaction
from feewatch.store.lists import outbox
from feewatch.store.lists.outbox import DueParcel, Parcel

#: Beyond the subscriber's time-out, how long a claim holds before another sender may take over.
_CLAIM_MARGIN = dt.timedelta(minutes=2)
#: Waits are longer by up to this share, so that subscribers are not all tried at one moment.
_JITTER = 0.25
_random = random.SystemRandom()


class Delivered(NamedTuple):
    """What one round came to."""

    sent: int
    waiting: int
    failed: int


def deliver(app: App) -> Delivered:
    """Send what is due to subscribers, each district in order; what fails waits longer each time.

    A subscriber that fails once in a round is left alone until the next.
    """
    ends: list[str] = []
    failing: set[str] = set()
    while True:
        with app.database.reading() as tx:
            rows = outbox.list_due(tx, _text(now()))
        due = [row for row in rows if row.subscriber not in failing]
        if not due:
            return Delivered(ends.count("sent"), ends.count("waiting"), ends.count("failed"))
        for row in due:
            if row.subscriber in failing:
                continue
            end = _deliver_one(app, row)
            if end is not None:
                ends.append(end)
            if end != "sent":
                failing.add(row.subscriber)


def _deliver_one(app: App, due: DueParcel) -> str | None:
    subscribers = {each.name: each for each in app.config.publication.subscribers}
    longest = max((each.timeout_seconds for each in subscribers.values()), default=0)
    until = now() + dt.timedelta(seconds=longest) + _CLAIM_MARGIN
    with app.database.transaction() as tx:
        parcel = outbox.claim(tx, due.id, _text(now()), _text(until), due.shelf)
    if parcel is None:
        return None
    subscriber = subscribers.get(parcel.subscriber)
    pushed = (
        Pushed("later", "no such subscriber")
        if subscriber is None
        else _send(app, subscriber, parcel)
    )
    status, next_try_at = "sent", None
    if pushed.fate != "taken":
        is_last = subscriber is None or parcel.attempts >= subscriber.max_attempts
        status = "failed" if is_last and pushed.fate != "gone" else "waiting"
        next_try_at = _text(now() + _wait(parcel.attempts, pushed.wait_seconds))
    with app.database.transaction() as tx:
        outbox.settle(tx, parcel, status, error=pushed.error, next_try_at=next_try_at)
        if pushed.fate == "gone":
            outbox.pause(tx, parcel.subscriber, "feewatch", "HTTP 410: gone")
        if pushed.fate == "gone" or status == "failed":
            _tell(app, tx, parcel.subscriber)
    return status


def _send(app: App, subscriber: Subscriber, parcel: Parcel) -> Pushed:
    try:
        text = app.config.resolve(subscriber.secret_file).read_text(encoding="utf-8")
        secrets = read_secrets(text)
    except OSError as fault:
        return Pushed("later", f"secret_file: {fault.strerror}")
    except ValueError as fault:
        return Pushed("later", f"secret_file: {fault}")
    if not secrets:
        return Pushed("later", "secret_file: empty")
    return push(
        subscriber.url,
        parcel.document.encode(),
        signed_by=secrets,
        timestamp=int(now().timestamp()),
        key=key_of(parcel),
        timeout_seconds=subscriber.timeout_seconds,
    )


def key_of(parcel: Parcel) -> str:
    """The id of a push, the same for every try; that of an edition is as it ever was."""
    kind = "" if parcel.shelf is outbox.EDITIONS else f"{parcel.shelf.name}-"
    return f"{kind}{parcel.district}-{parcel.number}-{parcel.sha256[:16]}"


def _wait(attempts: int, asked_seconds: int) -> dt.timedelta:
    wait = max(wait_after(attempts), dt.timedelta(seconds=asked_seconds))
    return wait * (1 + _random.uniform(0, _JITTER))


def _tell(app: App, tx: Transaction, name: str) -> None:
    text = Text(
        f"推送给 {name} 没有成功，原因见推送页",
        f"{name} takes no editions: the page of subscribers says why",
    )
    for role in ("publisher", *sorted(SYSTEM)):
        tell_office(
            tx, district=app.config.office.district, role=role, kind="push_failed", object=name,
            text=text, address=PUSH,
        )  # fmt: skip


def _text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
