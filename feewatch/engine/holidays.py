"""Public holidays and make-up working days, year by year, as the notice of each year sets them.

A notice may reach into the last days of the year before. A year that has no file is no year
without holidays: whoever counts working days falls back, or says that the day is provisional.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from feewatch.engine.sources import LawReference, take_reference
from feewatch.kernel.days import FIRST_DAY, Day, date_of, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table

#: The first weekend day as ``date.weekday`` counts.
SATURDAY = 5


class HolidaySpan(NamedTuple):
    """Days off for a festival (both included), and the weekend days worked for them."""

    name: Text
    from_day: Day
    to_day: Day
    work: tuple[Day, ...]
    amended_by: LawReference | None  # a later notice that set these days anew


@dataclass(frozen=True)
class HolidayYear:
    """The holidays of a year by the notice that announced them."""

    id: int
    file: str
    reference: LawReference
    spans: tuple[HolidaySpan, ...]

    @property
    def references(self) -> list[LawReference]:
        """The notice of the year, and what amended it."""
        amended = (span.amended_by for span in self.spans if span.amended_by)
        return [self.reference, *amended]


@dataclass(frozen=True)
class Holidays:
    """All years on file laid together: the years, their days off, the weekend days worked."""

    years: frozenset[int] = frozenset()
    off: frozenset[Day] = frozenset()
    work: frozenset[Day] = frozenset()


def lay_together(years: Iterable[HolidayYear]) -> Holidays:
    """The days of all years; what one year's notice says of the year before counts there."""
    listed = list(years)
    spans = [span for year in listed for span in year.spans]
    return Holidays(
        frozenset(year.id for year in listed),
        frozenset(day for span in spans for day in range(span.from_day, span.to_day + 1)),
        frozenset(day for span in spans for day in span.work),
    )


def read_holidays(
    values: dict[str, Any], path: str, faults: list[Problem]
) -> Iterator[HolidayYear]:
    """The year of a file; faults are collected."""
    table = Table(values, path, faults)
    number = table.whole("year") or 0
    if path != f"holidays/{number}.toml":
        zh, en = "文件名须与 year 一致", "the file must be named after the year"
        table.fault("year", zh, en)
    reference = take_reference(table, table.text("source"))
    table.known_date("checked")
    spans = tuple(_span(each) for each in table.tables("holidays"))
    table.end()
    year = HolidayYear(number, path, reference, spans)
    faults.extend(_lint(year))
    yield year


def _span(table: Table) -> HolidaySpan:
    name = table.bilingual("name")
    first = table.day("from", FIRST_DAY)
    last = table.day("to", first, required=False)
    if last < first:
        table.fault("to", "to 早于 from", "to lies before from")
    work = tuple(table.days("work"))
    amended = table.maybe("source")
    reference = take_reference(table, amended) if amended else None
    table.end()
    return HolidaySpan(name, first, last, work, reference)


def _lint(year: HolidayYear) -> Iterator[Problem]:
    """Days that a notice of that year cannot mean."""

    def fault(zh: str, en: str) -> Problem:
        return Problem("HOLIDAY-DAY", Text(zh, en), year.file, None, "holidays")

    spans = sorted(year.spans, key=lambda span: span.from_day)
    for earlier, later in pairwise(spans):
        if later.from_day <= earlier.to_day:
            first = format_day(later.from_day)
            yield fault(f"{first} 起两个假期重叠", f"two holidays overlap from {first} on")
    off = lay_together([year]).off
    for span in spans:
        for day in (span.from_day, span.to_day, *span.work):
            shown = format_day(day)
            if not _belongs(year.id, day):
                zh, en = f"{shown} 不属于 {year.id} 年", f"{shown} does not belong to {year.id}"
                yield fault(zh, en)
        for day in span.work:
            shown = format_day(day)
            if date_of(day).weekday() < SATURDAY:
                zh = f"{shown} 不是周末，不会是调休上班日"
                yield fault(zh, f"{shown} is no weekend: it cannot be a make-up working day")
            if day in off:
                zh = f"{shown} 既放假又上班"
                yield fault(zh, f"{shown} is both a day off and a make-up working day")


def _belongs(year: int, day: Day) -> bool:
    """Whether a notice of a year may speak of a day: of that year, or of the December before."""
    date = date_of(day)
    return date.year == year or (date.year == year - 1 and date.month == 12)
