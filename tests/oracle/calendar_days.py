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


#: Public holidays (first, last) and the weekends worked instead, as announced for two years.
HOLIDAYS = (
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)  # fmt: skip
WORKED = (
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)  # fmt: skip


def is_day_off(day: date) -> bool:
    """A weekend or public holiday, make-up days apart."""
    assert day.year in (2025, 2026), f"the oracle knows no holidays of {day.year}"
    if str(day) in WORKED:
        return False
    return day.weekday() >= 5 or any(first <= str(day) <= last for first, last in HOLIDAYS)


def working_days(first: date, last: date) -> int:
    """Working days after the first day, the last included."""
    return sum(not is_day_off(day) for day in each_day(plus(first, 1), last))


def plus_working_days(day: date, count: int) -> date:
    """The working day that is so many after a day, which does not count itself."""
    while count:
        day += DAY
        count -= not is_day_off(day)
    return day
