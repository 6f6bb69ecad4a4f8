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


class CalendarDay(NamedTuple):
    """A day as facts in SQL know it; numbers only, for no two SQL dialects agree on dates."""

    day: Day
    month_no: int  # months since the year 0: consecutive across years
    is_off: int  # 1 on weekends and public holidays, 0 on working days (make-up days too)
    is_provisional: int  # 1 in a year whose holidays are not yet announced
    workday_no: int  # working days since the calendar's first day, this one included


def calendar(first: Day, last: Day) -> list[CalendarDay]:
    """Every day from first to last with its place among the working days."""
    rows, workdays = [], 0
    for day in range(first, last + 1):
        date, working = date_of(day), is_working_day(day)
        workdays += working
        provisional = not _is_announced(date.year)
        month_no = date.year * 12 + date.month - 1
        rows.append(CalendarDay(day, month_no, 1 - working, int(provisional), workdays))
    return rows
