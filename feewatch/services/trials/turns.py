"""Turns of those who let the office compute: one at a time a person, two at a time the office.

Self-checks and previews cost seconds each, and more the larger an office is. All processes count as
one; a process that dies gives its turn back, and a turn takes no lock of writers.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore, Event

from feewatch.bootstrap import App
from feewatch.kernel.errors import TryLaterError
from feewatch.kernel.people import User
from feewatch.store.alone import OccupiedError, alone

#: Turns of the office at a time.
_PLACES = ("trial-1", "trial-2")
#: So many of a process wait a moment for their turn, so often and so long each time.
_WAITING, _LOOKS, _SECONDS = BoundedSemaphore(2), 10, 0.3
_AGAIN_SECONDS = 5


class TurnError(TryLaterError):
    """It is not yet the person's turn; a page asks again by itself."""


@contextmanager
def turn(app: App, person: User) -> Iterator[None]:
    """The person's turn, for the time of the block.

    Raises: TurnError where the person has one already, or the office has no further one.
    """
    with _wait_for(app, person):
        yield


def _wait_for(app: App, person: User) -> ExitStack:
    places = _take(app, person)
    if places is None and _WAITING.acquire(blocking=False):
        try:
            for _ in range(_LOOKS):
                Event().wait(_SECONDS)
                places = _take(app, person)
                if places is not None:
                    break
        finally:
            _WAITING.release()
    if places is None:
        raise TurnError(
            "TURN-TAKEN",
            f"正在计算其他模拟或试查，轮到您时页面自动继续（每 {_AGAIN_SECONDS} 秒询问一次）",
            f"other simulations are being computed: the page asks again every {_AGAIN_SECONDS} s",
            seconds=_AGAIN_SECONDS,
        )
    return places


def _take(app: App, person: User) -> ExitStack | None:
    """The person's own place and one of the office's; None where one of them is another's."""
    with ExitStack() as places:
        if not _enter(app, places, f"trial-user-{person.id}"):
            return None
        if not any(_enter(app, places, name) for name in _PLACES):
            return None
        return places.pop_all()


def _enter(app: App, places: ExitStack, name: str) -> bool:
    try:
        places.enter_context(alone(app.database, name))
    except OccupiedError:
        return False
    return True
