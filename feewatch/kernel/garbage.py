"""Holds the garbage collector back while many small objects without cycles are made.

It would go through all of them time and again, and find nothing.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Let the block run without collections; of blocks within each other the first to end wins."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
