"""How many connections each process behind the same doors has open, known to all of them.

A browser, or a proxy, keeps its connection for its next requests: they all go to the process that
took it. Whoever wakes first takes a new one, which may be the same process every time.
"""

import mmap
import struct

_COUNT = struct.Struct("=I")  # written at once: who reads sees an old count or a new one


class Spread:
    """A count for each of so many processes, in memory that children share with their parent."""

    def __init__(self, number: int, place: int = 0, memory: mmap.mmap | None = None) -> None:
        """``place``: the own count among them; ``memory``: where others have made it."""
        self._number, self._place = number, place
        self._memory = memory or mmap.mmap(-1, number * _COUNT.size)

    def at(self, place: int) -> "Spread":
        """The same counts, seen from a place; nothing is open there as yet."""
        own = Spread(self._number, place, self._memory)
        own.tell(0)
        return own

    def tell(self, connections: int) -> None:
        """Let the others know how many connections are open here."""
        _COUNT.pack_into(self._memory, self._place * _COUNT.size, connections)

    @property
    def is_ahead(self) -> bool:
        """Whether another process has fewer."""
        counts: list[int] = [count for (count,) in _COUNT.iter_unpack(self._memory[:])]
        return counts[self._place] > min(counts)
