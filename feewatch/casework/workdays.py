"""Working days of the mainland: weekends, public holidays and make-up days (调休).

The holidays of a year are announced late in the year before. For a year not yet announced
weekdays count, and a day reached that way is provisional.
"""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

import chinese_calendar

from feewatch.kernel.days import Day, date_of


class WorkingDay(NamedTuple):
    """A day found by counting, and whether a year not yet announced was counted."""

    day: Day
    provisional: bool


@lru_cache(maxsize=16384)
def _judge(day: Day) -> WorkingDay | None:
    """The day if it is a working day, with whether that is only presumed."""
    date = date_of(day)
    announced = _is_announced(date.year)
    working = chinese_calendar.is_workday(date) if announced else date.weekday() < 5
    return WorkingDay(day, not announced) if working else None


@lru_cache
def _is_announced(year: int) -> bool:
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_working_day(day: Day) -> bool:
    """Whether offices work on this day; weekdays in a year not yet announced."""
    return _judge(day) is not None


def add_working_days(day: Day, count: int) -> WorkingDay:
    """The working day that is ``count`` working days after a day; the day itself never counts."""
    provisional = False
    while count > 0:
        day += 1
        found = _judge(day)
        if found:
            count -= 1
        provisional = provisional or not _is_announced(date_of(day).year)
    return WorkingDay(day, provisional)


def working_days_between(start: Day, end: Day) -> int:
    """Working days after start up to and including end; 0 where end is not after start."""
    return sum(1 for day in range(start + 1, end + 1) if is_working_day(day))
