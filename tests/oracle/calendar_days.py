"""Calendar maths of the oracle, written anew on ``datetime.date``; knows nothing of feewatch."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

DAY = timedelta(days=1)


def plus(day: date, days: int) -> date:
    return day + timedelta(days=days)


def plus_months(day: date, months: int) -> date:
    """Calendar months, clipped to the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def completed_months(first: date, last: date) -> int:
    """How many whole calendar months fit between two days."""
    months = 0
    while plus_months(first, months + 1) <= last:
        months += 1
    return months


def each_day(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def read(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
