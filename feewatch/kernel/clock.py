"""The only clock of the product. Services ask here, so that a demo or a test can set the time."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextvars import ContextVar

from feewatch.kernel.days import Day, day_of

#: China has had no daylight saving time since 1991, so a fixed offset is the zone.
SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
_fixed: ContextVar[dt.datetime | None] = ContextVar("fixed_time", default=None)
_shift = dt.timedelta(0)


def now() -> dt.datetime:
    """The present moment in Asia/Shanghai, or the moment set by ``fixed``."""
    return _fixed.get() or dt.datetime.now(SHANGHAI) + _shift


def machine_now() -> dt.datetime:
    """The moment by the machine's own clock, also where the process lives in another time."""
    return _fixed.get() or dt.datetime.now(SHANGHAI)


def start_at(moment: dt.datetime) -> None:
    """Let the clock of this whole process go on from a moment: a demo lives in its own time."""
    global _shift  # one clock a process is what this is about
    _shift = moment - dt.datetime.now(SHANGHAI)


def timestamp() -> str:
    """``now`` to the second as ISO 8601 with offset: the form stored with every record."""
    return now().isoformat(timespec="seconds")


def shown(moment: str | dt.datetime) -> str:
    """A moment as people write it, to the minute: 2026-07-31 10:05."""
    text = moment if isinstance(moment, str) else moment.isoformat()
    return text[:16].replace("T", " ")


def today() -> Day:
    """The present legal day."""
    return day_of(now().date())


@contextlib.contextmanager
def fixed(moment: dt.datetime) -> Iterator[None]:
    """Let the clock stand at a moment for as long as the block runs (this context only)."""
    token = _fixed.set(moment.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _fixed.reset(token)
