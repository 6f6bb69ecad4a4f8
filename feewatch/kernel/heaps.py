"""How the C library keeps the memory that threads have given back."""

import ctypes
import os
from pathlib import Path

#: ``M_ARENA_MAX`` of glibc's ``mallopt``.
_ARENA_MAX = -8
#: One heap for the thread that begins, one for all others.
_HEAPS = 2


def share_heaps() -> bool:
    """Let the threads of this process, yet to begin, share two heaps; whether that was taken.

    glibc gives each thread a heap of its own, which keeps the room of the largest page that the
    thread ever made: a server of a dozen threads grows for hours. Other libraries keep none.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(_ARENA_MAX, _HEAPS))


#: A process that grew by so many bytes since the last time has room to give back.
_GROWN = 32 * 1024 * 1024


class SpareRoom:
    """Memory that a process holds without need, given back to the system from time to time.

    A workbook takes a hundred megabytes for a second. glibc keeps what is freed below anything that
    stays, so that a server grows with each page that is larger than those before, for hours.
    """

    def __init__(self, grown: int = _GROWN) -> None:
        """``grown``: the bytes by which the process has to grow before it is looked through."""
        self._grown, self._held = grown, _resident_bytes()

    def give_back(self) -> bool:
        """Give back the pages of all heaps that hold nothing; whether they were looked through.

        That takes some ten milliseconds, in which threads that want memory wait. Other libraries
        than glibc give back by themselves.
        """
        if _resident_bytes() - self._held < self._grown:
            return False
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(ctypes.c_size_t(0))
        self._held = _resident_bytes()
        return trim is not None


def _resident_bytes() -> int:
    """What the process holds of the machine's memory; 0 where the system does not tell."""
    try:
        told = Path("/proc/self/statm").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(told.split()[1]) * os.sysconf("SC_PAGE_SIZE")
