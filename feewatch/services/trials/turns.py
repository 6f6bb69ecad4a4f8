"""Turns of those who let the office compute: one at a time a person, two at a time the office.

Backtests, drafts, self-checks and previews cost seconds each, and more the larger an office is. A
turn is a lease in the database, so that all processes count as one; a process that dies loses it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from threading import BoundedSemaphore, Event, Thread

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.kernel.errors import TryLaterError
from feewatch.kernel.people import User
from feewatch.store import leases
from feewatch.store.database import Transaction

#: Turns of the office at a time.
_PLACES = ("trial-1", "trial-2")
#: After so long the turn of a process that died is free; one that lives renews it meanwhile.
_SPAN = timedelta(minutes=5)
#: So many of a process wait a moment for their turn, so often and so long each time.
_WAITING, _LOOKS, _SECONDS = BoundedSemaphore(2), 10, 0.3
_AGAIN_SECONDS = 5
#: A lease is another's after the moment until which it is held.
_AN_INSTANT = timedelta(milliseconds=1)


class TurnError(TryLaterError):
    """It is not yet the person's turn; a page asks again by itself."""


@contextmanager
def turn(app: App, person: User) -> Iterator[None]:
    """The person's turn, for the time of the block.

    Raises: TurnError where the person has one already, or the office has no further one.
    """
    holder = secrets.token_hex(16)
    names = _wait_for(app, person, holder)
    is_over = Event()
    keeper = Thread(
        target=copy_context().run, args=(_keep, app, names, holder, is_over), daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()  # what it renewed last is given back with the rest
        with app.database.transaction() as tx:
            for name in names:
                leases.release(tx, name, holder, now() - _AN_INSTANT)


def _keep(app: App, names: tuple[str, str], holder: str, is_over: Event) -> None:
    """Renew the leases for as long as the work takes; where the database is busy, next time."""

    def renew(tx: Transaction) -> None:
        for name in names:
            leases.hold(tx, name, holder, now(), _SPAN)

    while not is_over.wait(_SPAN.total_seconds() / 3):
        app.database.try_now(renew)


def _wait_for(app: App, person: User, holder: str) -> tuple[str, str]:
    names = _take(app, person, holder)
    if names is None and _WAITING.acquire(blocking=False):
        try:
            for _ in range(_LOOKS):
                Event().wait(_SECONDS)
                names = _take(app, person, holder)
                if names is not None:
                    break
        finally:
            _WAITING.release()
    if names is None:
        raise TurnError(
            "TURN-TAKEN",
            f"正在计算其他模拟或试查，轮到您时页面自动继续（每 {_AGAIN_SECONDS} 秒询问一次）",
            f"other simulations are being computed: the page asks again every {_AGAIN_SECONDS} s",
            seconds=_AGAIN_SECONDS,
        )
    return names


def _take(app: App, person: User, holder: str) -> tuple[str, str] | None:
    """The leases of a turn; None where one of them is another's."""
    own = f"trial-user-{person.id}"
    with app.database.transaction() as tx:
        if leases.hold(tx, own, holder, now(), _SPAN) is None:
            return None
        place = next((each for each in _PLACES if _hold(tx, each, holder)), None)
        if place is None:
            leases.release(tx, own, holder, now() - _AN_INSTANT)
            return None
    return own, place


def _hold(tx: Transaction, name: str, holder: str) -> bool:
    return leases.hold(tx, name, holder, now(), _SPAN) is not None
