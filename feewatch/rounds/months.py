"""Which visits an office owes: every institution of an inspector, so many a month."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from feewatch.kernel.days import Day, add_months, date_of, month_end


class Assignment(NamedTuple):
    """Whose an institution is on which days; of two inspectors one may stand in for the other."""

    inspector: str
    institution_id: int
    first: Day
    last: Day | None  # None: until further notice
    is_substitute: bool


class Owed(NamedTuple):
    """A month in which an institution was not visited as often as it should have been."""

    month: Day  # its first day
    institution_id: int
    inspector: str
    made: int
    wanted: int


def months_between(first: Day, last: Day) -> list[Day]:
    """The first days of the calendar months from one day to another."""
    month = first - date_of(first).day + 1
    months = []
    while month <= last:
        months.append(month)
        month = add_months(month, 1)
    return months


def owed(
    assignments: Iterable[Assignment],
    visits: Mapping[tuple[int, Day], int],
    first: Day,
    last: Day,
    wanted: int,
) -> list[Owed]:
    """The months from ``first`` to ``last`` in which visits are missing, by month and inspector.

    An institution is owed where its inspector, no substitute, was in charge for the whole of the
    month: who came in the middle of one begins with the next. ``visits``: how many were made to an
    institution in the month of a first day, by whomever.
    """
    missing = []
    for month in months_between(first, last):
        end = month_end(month)
        for assignment in assignments:
            is_whole = assignment.first <= month and (
                assignment.last is None or assignment.last >= end
            )
            if assignment.is_substitute or not is_whole:
                continue
            made = visits.get((assignment.institution_id, month), 0)
            if made < wanted:
                missing.append(
                    Owed(month, assignment.institution_id, assignment.inspector, made, wanted)
                )
    return sorted(missing)
