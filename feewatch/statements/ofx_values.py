"""Days and amounts of OFX files, read strictly: what is not plain is no value."""

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from feewatch.kernel.days import Day, day_of
from feewatch.kernel.money import parse_yuan

#: A day, a clock, and a zone such as ``[+8:CST]`` or ``[5.5]``.
_STAMP = re.compile(
    r"(\d{8})(?:(\d{2})(\d{2})(\d{2})(?:\.\d{1,6})?)?(?:\[([+-]?\d{1,2}(?:\.\d{1,2})?)(?::.*)?\])?",
    re.ASCII,
)
#: OFX knows a decimal point or comma and no thousands; some banks set these apart by a space.
_AMOUNT = re.compile(r"([+-]?) ?(\d+|\d{1,3}(?: \d{3})+)(?:\.(\d\d?)0*|,(\d\d?))?", re.ASCII)
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


class Stamp(NamedTuple):
    """A moment as Shanghai has it."""

    day: Day
    time: str | None  # None where the file tells the day alone, or says midnight for it
    is_midnight: bool  # the file states a clock, of midnight
    is_local: bool = False  # another clock than that, without its zone

    @property
    def last_day(self) -> Day:
        """The last day that ends by then, or that this moment lies in."""
        return self.day - 1 if self.is_midnight else self.day


@lru_cache(maxsize=4096)
def stamp_of(text: str) -> Stamp | None:
    """The moment of ``YYYYMMDDHHMMSS.XXX[zone]``; without a zone it is the bank's own clock.

    By the standard it would be GMT; Chinese banks write the time of day in Shanghai.
    """
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    day, hour, minute, second, zone = found.groups()
    try:
        date = dt.datetime.strptime(day, "%Y%m%d")
        offset = _SHANGHAI
        if zone is not None:
            offset = dt.timezone(dt.timedelta(minutes=int(Decimal(zone) * 60)))
        if hour is None:
            return Stamp(day_of(date.date()), None, False)
        moment = date.replace(
            hour=int(hour), minute=int(minute), second=int(second), tzinfo=offset
        ).astimezone(_SHANGHAI)
    except (ValueError, OverflowError):
        return None
    is_midnight = (hour, minute, second) == ("00", "00", "00")
    time = None if is_midnight else moment.strftime("%H:%M:%S")
    return Stamp(day_of(moment.date()), time, is_midnight, zone is None and not is_midnight)


def fen_of(text: str) -> int | None:
    """Fen of an amount; None where it is none, or where a comma may mean thousands."""
    found = _AMOUNT.fullmatch(" ".join(text.split()))
    if found is None:
        return parse_yuan(text) if "." in text else None
    sign, whole, cents, others = found.groups()
    return parse_yuan(f"{sign}{whole.replace(' ', '')}.{cents or others or '0'}")
