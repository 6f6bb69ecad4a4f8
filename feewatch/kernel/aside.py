"""Computing at a lower priority than those who wait: a full check gives way to people.

A thread has a priority of its own on Linux. What computes for long runs in one that gives way; what
holds a lock that others wait for never does, or it would keep them waiting for the processor too.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")


class Aside:
    """Where a work is done: in a thread that gives way, or where it is asked for."""

    def __init__(self, pool: Executor | None = None) -> None:
        self._pool = pool

    def do(self, work: Callable[[], Result]) -> Result:
        """What a work comes to, and whatever it raises."""
        if self._pool is None:
            return work()
        return self._pool.submit(copy_context().run, work).result()


#: Nothing gives way.
HERE = Aside()


@contextmanager
def giving_way(steps: int) -> Iterator[Aside]:
    """A thread for as long as the block, so many steps of ``nice`` below its own priority.

    With no steps, and where threads have no priority of their own, nothing gives way.
    """
    if steps == 0 or sys.platform != "linux":
        yield HERE
        return
    with ThreadPoolExecutor(1, "aside", initializer=_give_way, initargs=(steps,)) as pool:
        yield Aside(pool)


def _give_way(steps: int) -> None:
    own = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + steps)
