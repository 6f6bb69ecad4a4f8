"""What takes long is worked out beside the writers, and written only while what it rests on stands.

Nobody waits for the former, which writes nothing; the latter is short.
"""

from collections.abc import Callable
from typing import TypeVar

from feewatch.store.writers import busy

Done = TypeVar("Done")
#: So often it is worked out anew for who keeps changing what it rests on.
TRIES = 3
#: After so many seconds who was refused may come again.
_LATER_SECONDS = 10


class MovedError(Exception):
    """What an act rests on is no more what it was when it was worked out; nothing is written."""


def do_foreseen(foresee: Callable[[], None], act: Callable[[], Done]) -> Done:
    """What an act gives that goes by what was foreseen, and raises MovedError where that is old.

    Raises: TryLaterError where it was old every time; nothing was changed.
    """
    for _ in range(TRIES):
        foresee()
        try:
            return act()
        except MovedError:
            continue
    raise busy(_LATER_SECONDS)
