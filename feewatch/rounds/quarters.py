"""Quarters of the calendar, and the days on which an institution confirms one that is over."""

import datetime as dt
from typing import NamedTuple

from feewatch.kernel.days import Day, date_of, day_of, month_end

_MONTHS = 3


class Quarter(NamedTuple):
    """A quarter of a year, 1 to 4."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """``2026Q2``."""
        return f"{self.year}Q{self.number}"

    @property
    def last(self) -> Day:
        """Its last day."""
        return month_end(day_of(dt.date(self.year, self.number * _MONTHS, 1)))


def last_ended(day: Day) -> Quarter:
    """The quarter that was over last before a day."""
    date = date_of(day)
    number = (date.month - 1) // _MONTHS
    return Quarter(date.year, number) if number else Quarter(date.year - 1, 4)


def parse_quarter(text: str) -> Quarter | None:
    """``2026Q2`` as a quarter; None where it is none."""
    year, letter, number = text[:4], text[4:5], text[5:]
    is_one = year.isascii() and year.isdigit() and letter == "Q" and number in ("1", "2", "3", "4")
    return Quarter(int(year), int(number)) if is_one and int(year) >= 1 else None
