"""How the C library keeps the memory that threads have given back."""

import ctypes

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
