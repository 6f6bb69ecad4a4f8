"""The district head's page: cover, matters by severity and age, statements, months. Read only."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, today
from feewatch.kernel.days import Day, add_months, date_of, day_of, format_day, month_end
from feewatch.kernel.people import Scope
from feewatch.services.check.early_warning import CoverStanding
from feewatch.services.check.keeping import read_kept
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


def read_district(app: App, scope: Scope) -> DistrictView:
    """The figures of the person's place."""
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
    for (severity, place), count in by_age.items():
        ages.setdefault(severity, [0] * (len(AGES) + 1))[place] = count
    months = []
    for place, (first, last) in enumerate(spans):
        name = format_day(first)[:7]
        in_month = [row for row in days if row.place == place]
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
    shares: dict[str, list[Decimal | None]] = {}
    for row in days:
        if row.days:
            share = Decimal(int(row.covered)) / Decimal(int(row.days))
            shares.setdefault(row.district, [None] * len(spans))[row.place] = share
    places = sorted({standing.district for standing in standings})
    return DistrictView(
        warning.as_of if warning else None,
        _covered("", standings),
        [_covered(place, [s for s in standings if s.district == place]) for place in places],
        ages,
        months,
        dict(sorted(shares.items())),
    )


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
