"""The district head's page: cover, matters by severity and age, statements, months. Read only."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, today
from feewatch.kernel.days import (
    Day,
    add_months,
    date_of,
    day_of,
    format_day,
    month_end,
    parse_month,
)
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import covers, prefix
from feewatch.services.check.early_warning import CoverStanding
from feewatch.services.check.keeping import read_kept
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.pages import district as pages

#: Upper ends of the bands of cover, in per cent; the last band has none.
BANDS = (50, 80, 100)
#: Upper ends of the classes of age, in days; the last class has none.
AGES = (7, 30, 90)
MONTHS = 6


@dataclass(frozen=True, slots=True)
class Covered:
    """Of a district or of all: institutions by band of cover, unknown and owing nothing apart."""

    district: str
    bands: tuple[int, ...]  # below each end of BANDS, and from the last one on
    unknown: int
    nothing_owed: int

    @property
    def institutions(self) -> int:
        """All of them."""
        return sum(self.bands) + self.unknown + self.nothing_owed


@dataclass(frozen=True, slots=True)
class Month:
    """One month: matters and cases opened, cases closed, days of statements asked and covered."""

    name: str  # YYYY-MM
    matters: int
    cases: int
    closed: int
    days: int
    covered: int

    @property
    def share(self) -> Decimal | None:
        """The share of the days that statements cover; None where none were asked for."""
        return Decimal(self.covered) / Decimal(self.days) if self.days else None


@dataclass(frozen=True, slots=True)
class DistrictView:
    """All figures of the page."""

    as_of: Day | None  # of the check that kept the cover; None: no check kept any
    whole: Covered
    districts: list[Covered]
    ages: dict[str, list[int]]  # open matters by severity, in the classes of AGES
    months: list[Month]  # the oldest first
    shares: dict[str, list[Decimal | None]]  # of days covered, by district and month


def read_district(app: App, scope: Scope, place: str = "") -> DistrictView:
    """The figures of the person's place, or of one inside it, by the places next below.

    Raises: InvalidInputError for a place outside.
    """
    if place and not covers(scope.district, place):
        raise InvalidInputError(
            "DISTRICT",
            f"{place} 不在辖区内",
            f"{place} lies outside your district",
            field="district",
        )
    scope = scope.at(place or scope.district)
    warning, day = read_kept(app, scope), today()
    spans = _months(day)
    moments = [(now() - dt.timedelta(days=days)).isoformat(timespec="seconds") for days in AGES]
    with app.database.reading() as tx:
        by_age = pages.count_by_age(tx, scope, moments)
        opened = pages.count_months(tx, scope, format_day(spans[0][0])[:7])
        closed = pages.count_closed(tx, scope, spans[0][0])
        days = pages.sum_days(tx, scope, day, spans)
    standings = warning.institutions if warning else ()
    ages: dict[str, list[int]] = {}
    for (severity, age), count in by_age.items():
        ages.setdefault(severity, [0] * (len(AGES) + 1))[age] = count
    months = []
    for n, (first, last) in enumerate(spans):
        name = format_day(first)[:7]
        in_month = [row for row in days if row.place == n]
        months.append(
            Month(
                name,
                opened.get(name, {}).get("matters", 0),
                opened.get(name, {}).get("cases", 0),
                sum(count for on, count in closed.items() if first <= on <= last),
                sum(int(row.days) for row in in_month),
                sum(int(row.covered) for row in in_month),
            )
        )
    by_place: dict[str, list[list[int]]] = {}
    for row in days:
        sums = by_place.setdefault(below(scope.district, row.district), [[0, 0] for _ in spans])
        sums[row.place][0] += int(row.days)
        sums[row.place][1] += int(row.covered)
    shares = {
        name: [Decimal(covered) / Decimal(asked) if asked else None for asked, covered in sums]
        for name, sums in by_place.items()
    }
    grouped: dict[str, list[CoverStanding]] = {}
    for standing in standings:
        grouped.setdefault(below(scope.district, standing.district), []).append(standing)
    return DistrictView(
        warning.as_of if warning else None,
        _covered("", standings),
        [_covered(name, members) for name, members in sorted(grouped.items())],
        ages,
        months,
        dict(sorted(shares.items())),
    )


def below(place: str, district: str) -> str:
    """The place next below a place that holds a district; the place itself where none does.

    >>> below("370000", "370702")
    '370700'
    >>> below("370700", "370702")
    '370702'
    """
    return district[: min(6, len(prefix(place)) + 2)].ljust(6, "0")


def list_month(app: App, scope: Scope, month: str, place: str, number: int) -> Page:
    """One page of accounts with the days of a month asked for and covered, the emptiest first.

    Raises: InvalidInputError for what is no month.
    """
    span = parse_month(month)
    if span is None:
        raise InvalidInputError("MONTH", "月份应为 YYYY-MM", "a month is YYYY-MM", field="month")
    inside = scope.at(place) if place else scope
    with app.database.reading() as tx:
        rows = pages.list_days(tx, scope, today(), span)
    rows = [row for row in rows if inside.sees(row.district, row.institution_id)]
    return Page(rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], len(rows), number)


def band_of(standing: CoverStanding) -> int | None:
    """The band of an institution's cover; None where it is unknown or nothing is owed."""
    if standing.verdict in ("undetermined", "nothing_owed") or standing.balance_fen is None:
        return None
    percent = Decimal(standing.balance_fen) * 100 / Decimal(standing.claims_fen)
    return next((place for place, end in enumerate(BANDS) if percent < end), len(BANDS))


def _covered(place: str, standings: tuple[CoverStanding, ...] | list[CoverStanding]) -> Covered:
    bands = Counter(band_of(standing) for standing in standings)
    nothing = sum(standing.verdict == "nothing_owed" for standing in standings)
    return Covered(
        place,
        tuple(bands[place] for place in range(len(BANDS) + 1)),
        bands[None] - nothing,
        nothing,
    )


def _months(day: Day) -> list[tuple[Day, Day]]:
    """First and last days of the present month and those before it, the oldest first."""
    first = day_of(date_of(day).replace(day=1))
    firsts = [add_months(first, -back) for back in range(MONTHS - 1, -1, -1)]
    return [(each, month_end(each)) for each in firsts]
