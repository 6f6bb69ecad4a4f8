"""Spares the garbage collector what finds nothing: going through new objects and lasting ones."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Let a block that makes many objects without cycles run without collections.

    Of blocks within each other the first to end wins.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def keep_what_is_there() -> None:
    """Let collections leave out all that is in memory now: it lasts as long as the process."""
    gc.collect()
    gc.freeze()
