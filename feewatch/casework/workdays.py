"""Working days of the mainland: weekends, public holidays and make-up days (调休).

The one place where working days are counted. The holidays of a year are announced late in the year
before and stand under ``rules/holidays``, where an office may lay its own over them; for a year
that is not on file the library ``chinesecalendar`` answers, and where that knows none either
weekdays count, and a day reached that way is provisional.
"""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

import chinese_calendar

from feewatch.engine.holidays import SATURDAY, Holidays
from feewatch.engine.loader import load_holidays
from feewatch.kernel.days import Day, date_of


class WorkingDay(NamedTuple):
    """A day found by counting, and whether a year not yet announced was counted."""

    day: Day
    provisional: bool


@lru_cache
def _shipped() -> Holidays:
    return load_holidays()


def _is_off(day: Day, holidays: Holidays) -> bool:
    """Whether nobody works on a day: the notices on file first, then the library, then weekdays."""
    if day in holidays.off:
        return True
    if day in holidays.work:
        return False
    date = date_of(day)
    if date.year not in holidays.years and _library_knows(date.year):
        return not chinese_calendar.is_workday(date)
    return date.weekday() >= SATURDAY


def _is_announced(year: int, holidays: Holidays) -> bool:
    return year in holidays.years or _library_knows(year)


@lru_cache
def _library_knows(year: int) -> bool:
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_working_day(day: Day, holidays: Holidays | None = None) -> bool:
    """Whether offices work on this day; weekdays in a year not yet announced.

    ``holidays``: those of the installation; the shipped ones where there is none.
    """
    return not _is_off(day, holidays or _shipped())


def add_working_days(day: Day, count: int, holidays: Holidays | None = None) -> WorkingDay:
    """The working day that is ``count`` working days after a day; the day itself never counts."""
    known = holidays or _shipped()
    provisional = False
    while count > 0:
        day += 1
        count -= not _is_off(day, known)
        provisional = provisional or not _is_announced(date_of(day).year, known)
    return WorkingDay(day, provisional)


def working_days_between(start: Day, end: Day, holidays: Holidays | None = None) -> int:
    """Working days after start up to and including end; 0 where end is not after start."""
    known = holidays or _shipped()
    return sum(1 for day in range(start + 1, end + 1) if not _is_off(day, known))


class CalendarDay(NamedTuple):
    """A day as facts in SQL know it; numbers only, for no two SQL dialects agree on dates."""

    day: Day
    month_no: int  # months since the year 0: consecutive across years
    is_off: int  # 1 on weekends and public holidays, 0 on working days (make-up days too)
    is_provisional: int  # 1 in a year whose holidays are not yet announced
    workday_no: int  # working days since the calendar's first day, this one included


def calendar(first: Day, last: Day, holidays: Holidays | None = None) -> list[CalendarDay]:
    """Every day from first to last with its place among the working days."""
    known = holidays or _shipped()
    rows, workdays = [], 0
    for day in range(first, last + 1):
        date, is_off = date_of(day), _is_off(day, known)
        workdays += not is_off
        provisional = not _is_announced(date.year, known)
        month_no = date.year * 12 + date.month - 1
        rows.append(CalendarDay(day, month_no, int(is_off), int(provisional), workdays))
    return rows
