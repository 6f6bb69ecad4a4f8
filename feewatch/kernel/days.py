"""Legal days in Asia/Shanghai as day numbers: whole days since 1970-01-01.

Integers keep day arithmetic the same in Python and in every SQL engine that runs the rule book.
"""

import calendar
import datetime as dt
import re
from functools import lru_cache

Day = int
EPOCH = dt.date(1970, 1, 1)
_EPOCH_ORDINAL = EPOCH.toordinal()
#: "From the beginning" and "until further notice" in dated facts.
FIRST_DAY: Day = dt.date(1900, 1, 1).toordinal() - _EPOCH_ORDINAL
LAST_DAY: Day = dt.date(9999, 12, 31).toordinal() - _EPOCH_ORDINAL
#: Days as of which anything is judged: before them there was no such supervision and no calendar
#: of working days is kept; after them a calendar would grow without end.
JUDGED_FROM: Day = dt.date(2018, 1, 1).toordinal() - _EPOCH_ORDINAL
JUDGED_TO: Day = dt.date(2099, 12, 31).toordinal() - _EPOCH_ORDINAL
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


def day_of(date: dt.date) -> Day:
    """The day number of a date."""
    return date.toordinal() - _EPOCH_ORDINAL


def date_of(day: Day) -> dt.date:
    """The date of a day number."""
    return dt.date.fromordinal(day + _EPOCH_ORDINAL)


@lru_cache(maxsize=8192)
def parse_day(text: str) -> Day | None:
    """The day of ``YYYY-MM-DD``, or None where the text is no such calendar day."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    try:
        return day_of(dt.date(*(int(part) for part in match.groups())))
    except ValueError:
        return None


@lru_cache(maxsize=8192)
@lru_cache(maxsize=4096)  # a list of thousands names the same few days
def format_day(day: Day) -> str:
    """``YYYY-MM-DD`` of a day number."""
    return date_of(day).isoformat()


def iso_or_none(day: Day | None) -> str | None:
    """``YYYY-MM-DD``, or None for no day: the form of optional days in JSON."""
    return None if day is None else format_day(day)


def parse_month(text: str) -> tuple[Day, Day] | None:
    """The first and last day of ``YYYY-MM``, or None where the text is no such calendar month.

    Nor is one up to ``FIRST_DAY`` or the one of ``LAST_DAY``, which stand for what is open: whoever
    reads a month asks for the one before or after it.
    """
    first = parse_day(f"{text}-01") if _MONTH.fullmatch(text) else None
    if first is None:
        return None
    last = month_end(first)
    return (first, last) if first > FIRST_DAY and last < LAST_DAY else None


def month_end(day: Day) -> Day:
    """The last day of the month of a day."""
    date = date_of(day)
    return day_of(date.replace(day=month_length(date.year, date.month)))


def add_months(day: Day, months: int) -> Day:
    """The same day of the month so many calendar months later, clipped to that month's last day."""
    date = date_of(day)
    index = date.year * 12 + date.month - 1 + months
    year, month = divmod(index, 12)
    return day_of(dt.date(year, month + 1, min(date.day, month_length(year, month + 1))))


def month_length(year: int, month: int) -> int:
    """Days in a calendar month."""
    return calendar.monthrange(year, month)[1]


def months_between(start: Day, end: Day) -> int:
    """Completed calendar months from start to end: the largest k with start + k months <= end."""
    first, last = date_of(start), date_of(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(start, months) <= end else months - 1


def months_ahead(paid: Day, start: Day) -> int:
    """The smallest k >= 0 with paid >= start - k months: how many months ahead money was taken."""
    months = max(0, months_between(paid, start) - 1)
    while paid < add_months(start, -months):
        months += 1
    return months
