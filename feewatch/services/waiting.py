"""How long to wait before something is tried again that failed."""

import datetime as dt

_FIRST_WAIT = dt.timedelta(minutes=1)
_LONGEST_WAIT = dt.timedelta(hours=6)


def wait_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failed tries: a minute, doubled each time, at most 6 hours."""
    doublings: int = 2 ** min(attempts - 1, 20)
    return min(_FIRST_WAIT * doublings, _LONGEST_WAIT)
