"""The report of a month or a period (督导通报): every figure with the period before beside it.

Each figure counts the rows of one source; the same source lists them, so that every figure can be
traced to what it counts. Nothing is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.explanation import Figure as Quotient
from feewatch.kernel.clock import today
from feewatch.kernel.days import (
    JUDGED_FROM,
    Day,
    add_months,
    date_of,
    format_day,
    iso_or_none,
    month_end,
    parse_month,
)
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import covers
from feewatch.services.check.early_warning import CoverStanding, read_known_warning
from feewatch.services.check.rulebook import rule_book
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.services.reports.figure_kinds import FigureKind
from feewatch.services.reports.figures import FIGURES, get_figure
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.reports.editions import Movement, list_movements
from feewatch.store.reports.matters import MATTER_SOURCES
from feewatch.store.reports.registers import REGISTER_SOURCES
from feewatch.store.reports.rounds import ROUNDS_SOURCES
from feewatch.store.reports.rows import (
    CountedGroup,
    ReportSpan,
    Source,
    count_groups,
    count_rows,
    list_rows,
)

SOURCES: dict[str, Source] = {**MATTER_SOURCES, **REGISTER_SOURCES, **ROUNDS_SOURCES}
#: Sources that are worked out, not selected.
_WORKED_OUT = ("cover", "lists")
#: The longest period: a year and a day.
_MOST_DAYS = 366


class ReportPeriod(NamedTuple):
    """Days of which a report is made, and of whose institutions."""

    first: Day
    last: Day
    scope: Scope

    @property
    def span(self) -> ReportSpan:
        """The same for queries."""
        return ReportSpan(self.scope, self.first, self.last)

    @property
    def is_whole_month(self) -> bool:
        """Whether it is a calendar month from the first to the last day."""
        return date_of(self.first).day == 1 and self.last == month_end(self.first)

    @property
    def is_month(self) -> bool:
        """The same, or what has passed of the present month."""
        is_present = date_of(self.first).day == 1 and self.last == today() <= month_end(self.first)
        return self.is_whole_month or is_present

    @property
    def before(self) -> "ReportPeriod":
        """The month before a month, the year before whole months, else as many days before."""
        first, last = self.first, self.last
        if date_of(first).day == 1:
            months = (date_of(last).year - date_of(first).year) * 12
            months += date_of(last).month - date_of(first).month + 1
            return self._replace(first=add_months(first, -months), last=first - 1)
        return self._replace(first=first - (last - first + 1), last=first - 1)


@dataclass(frozen=True)
class TracedRow:
    """One row that a figure counts."""

    kind: str  # matter, case, institution, account, premises, clue, edition, visit, meeting …
    key: str
    district: str
    uscc: str | None
    name: str | None
    on: str | None  # ISO day
    amount: int | None
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A figure with its value, the one of the period before, and how many rows it counts."""

    kind: FigureKind
    value: int | str | None  # None: unknown
    before: int | str | None
    rows: int

    @property
    def difference(self) -> int | None:
        """How much more than before; None where either is unknown or no whole number."""
        if isinstance(self.value, int) and isinstance(self.before, int):
            return self.value - self.before
        return None


@dataclass(frozen=True)
class PeriodReport:
    """The figures of a period by id, parts of figures among them."""

    period: ReportPeriod
    before: ReportPeriod
    figures: dict[str, FigureValue]

    def __getitem__(self, figure: str) -> FigureValue:
        """A figure by its id."""
        return self.figures[figure]

    def parts(self, figure: str, word: str) -> list[FigureValue]:
        """The parts of a figure by one word."""
        head = f"{figure}:{word}="
        return [each for key, each in self.figures.items() if key.startswith(head)]


def period_of_month(scope: Scope, month: str, district: str = "") -> ReportPeriod:
    """The days of ``YYYY-MM`` up to today, in a district within the scope.

    Raises: InvalidInputError.
    """
    days = parse_month(month)
    if days is None:
        raise InvalidInputError(
            "MONTH", f"{month} 不是月份 YYYY-MM", f"{month} is no month YYYY-MM", field="month"
        )
    return period_of_days(scope, *days, district, field="month")


def period_of_days(
    scope: Scope, first: Day, last: Day, district: str = "", *, field: str = "from"
) -> ReportPeriod:
    """Days up to today, in a district within the scope; ``field`` is where they were typed.

    Raises: InvalidInputError for days that end before they begin, have not begun, are more than a
    year or lie before there was such supervision, and for a district outside the scope.
    """
    if district:
        if not covers(scope.district, district):
            raise InvalidInputError(
                "DISTRICT",
                f"{district} 不在辖区内",
                f"{district} lies outside your district",
                field="district",
            )
        scope = scope.at(district)
    if first > last:
        raise InvalidInputError(
            "PERIOD",
            "起始日期应不晚于截止日期",
            "a period begins no later than it ends",
            field=field,
        )
    if first > today():
        raise InvalidInputError(
            "PERIOD", "所选期间尚未开始", "the period has not begun", field=field
        )
    earliest = add_months(JUDGED_FROM, 24)  # the period before it and a year of months are shown
    if first < earliest or last - first >= _MOST_DAYS:
        since = format_day(earliest)
        raise InvalidInputError(
            "PERIOD",
            f"期间应在 {since} 之后，至多一年",
            f"a period lies after {since} and has at most a year",
            field=field,
        )
    return ReportPeriod(first, min(last, today()), scope)


def read_report(app: App, period: ReportPeriod) -> PeriodReport:
    """All figures of a period; as many statements however much is counted, few at a second look."""
    with app.database.reading() as tx:
        known = app.database.kept.within(tx)
    key = ("report", period, today(), rule_book(app).version)
    report: PeriodReport = known.answer(key, lambda: _work_out(app, period))
    return report


def _work_out(app: App, period: ReportPeriod) -> PeriodReport:
    now, earlier = _Counted(app, period), _Counted(app, period.before)
    figures: dict[str, FigureValue] = {}
    for kind in FIGURES.values():
        if kind.is_whole:
            figures[kind.id] = _figure(kind, now, earlier)
        for word in kind.by:
            # a month is the same month in either period
            with_earlier = set() if word == "month" else earlier.values(kind, word)
            for value in sorted(now.values(kind, word) | with_earlier):
                part = kind.narrowed(word, value)
                figures[part.id] = _figure(part, now, None if word == "month" else earlier)
    return PeriodReport(period, period.before, figures)


def _figure(kind: FigureKind, now: "_Counted", earlier: "_Counted | None") -> FigureValue:
    before = earlier.value(kind) if earlier else None
    return FigureValue(kind, now.value(kind), before, now.rows(kind))


class _Counted:
    """The groups of all sources in one period."""

    def __init__(self, app: App, period: ReportPeriod) -> None:
        with app.database.reading() as tx:
            self._groups = {
                name: count_groups(tx, source, period.span) for name, source in SOURCES.items()
            }
            movements = [_of_movement(each) for each in list_movements(tx, period.span)]
        self._groups["lists"] = list(_grouped(movements))
        self._groups["cover"] = list(_grouped(_cover_rows(app, period)))

    def _of(self, kind: FigureKind) -> list[CountedGroup]:
        groups = self._groups[kind.source]
        return [group for group in groups if _is_meant(group.words, group.district, kind.where)]

    def rows(self, kind: FigureKind) -> int:
        """How many rows it counts."""
        return sum(group.rows for group in self._of(kind))

    def value(self, kind: FigureKind) -> int | str | None:
        """Its value; None where nothing tells it."""
        groups = self._of(kind)
        if kind.value == "rows":
            return sum(group.rows for group in groups)
        if not any(group.known for group in groups) and kind.unit != "days":
            # nothing counted comes to nothing; what is counted and tells no amount is unknown
            return None if groups or kind.source in ("balances", "cover") else 0
        amount = sum(group.amount for group in groups)
        if not kind.over:
            return amount
        divisor = self.value(FIGURES[kind.over])
        assert not isinstance(divisor, str)
        return str(Quotient(amount, divisor).shown("ratio")) if divisor else None

    def values(self, kind: FigureKind, word: str) -> set[str]:
        """The values of a word among the rows that a figure counts."""
        groups = self._of(kind)
        if word == "district":
            return {group.district for group in groups}
        if word == "rules":
            return {group.words["rule"].partition("-")[0] for group in groups}
        return {group.words[word] for group in groups}


def _is_meant(words: Mapping[str, str], district: str, where: Mapping[str, Sequence[str]]) -> bool:
    for word, values in where.items():
        if word == "district":
            present = district
        elif word == "rules":
            present = words["rule"].partition("-")[0]
        else:
            present = words[word]
        if present not in values:
            return False
    return True


def _grouped(rows: Iterable[TracedRow]) -> Iterable[CountedGroup]:
    for row in rows:
        known = row.amount is not None
        yield CountedGroup(row.words, row.district, 1, row.amount or 0, int(known))


def _cover_rows(app: App, period: ReportPeriod) -> list[TracedRow]:
    """Each institution under its verdict, and what it adds to the sums."""
    warning = read_known_warning(app, period.scope, period.last)
    return [row for standing in warning.institutions for row in _of_standing(standing)]


def _of_standing(standing: CoverStanding) -> Iterable[TracedRow]:
    is_judged = standing.verdict in ("short", "covered")
    has_contracts = standing.contracts_to is not None
    measures = {
        "institution": (True, None),
        "liability": (has_contracts or standing.liability_fen > 0, standing.liability_fen),
        "unexplained": (True, standing.unexplained_fen),
        "judged_balance": (is_judged, standing.balance_fen),
        "judged_claims": (is_judged, standing.claims_fen),
        "shortfall": (is_judged, standing.shortfall_fen),
    }
    for measure, (is_counted, amount) in measures.items():
        if is_counted:
            yield TracedRow(
                "institution",
                standing.uscc,
                standing.district,
                standing.uscc,
                standing.institution,
                iso_or_none(standing.balance_as_of),
                amount,
                {"measure": measure, "verdict": standing.verdict},
            )


def _of_movement(movement: Movement) -> TracedRow:
    return TracedRow(
        "edition",
        f"{movement.district}/{movement.number}",
        movement.district,
        movement.uscc or None,
        movement.name,
        format_day(movement.cut_off),
        None,
        {"list": movement.list, "change": movement.change},
    )


@dataclass(frozen=True)
class Trace:
    """A page of the rows that a figure counts, and what they come to."""

    kind: FigureKind
    period: ReportPeriod
    page: Page
    amount: int


def trace_figure(app: App, period: ReportPeriod, figure: str, number: int = 1) -> Trace:
    """The rows of a figure, fifty a page.

    Raises: NotFoundError for what is no figure.
    """
    kind = get_figure(figure)
    start = (number - 1) * PAGE_SIZE
    if kind.source in _WORKED_OUT:
        rows = _worked_out(app, period, kind)
        page = Page(rows[start : start + PAGE_SIZE], len(rows), number)
        return Trace(kind, period, page, sum(row.amount or 0 for row in rows))
    with app.database.reading() as tx:
        total, amount = count_rows(tx, SOURCES[kind.source], period.span, kind.where)
        rows = _listed(tx, period, kind, PAGE_SIZE, start)
        return Trace(kind, period, Page(rows, total, number), amount)


def list_traced(app: App, period: ReportPeriod, figure: str) -> list[TracedRow]:
    """All rows of a figure.

    Raises: NotFoundError.
    """
    kind = get_figure(figure)
    if kind.source in _WORKED_OUT:
        return _worked_out(app, period, kind)
    with app.database.reading() as tx:
        total, _ = count_rows(tx, SOURCES[kind.source], period.span, kind.where)
        return _listed(tx, period, kind, total, 0)


def _worked_out(app: App, period: ReportPeriod, kind: FigureKind) -> list[TracedRow]:
    if kind.source == "cover":
        rows = _cover_rows(app, period)
    else:
        with app.database.reading() as tx:
            rows = [_of_movement(each) for each in list_movements(tx, period.span)]
    return [row for row in rows if _is_meant(row.words, row.district, kind.where)]


def _listed(
    tx: Transaction, period: ReportPeriod, kind: FigureKind, limit: int, offset: int
) -> list[TracedRow]:
    source = SOURCES[kind.source]
    rows = list_rows(tx, source, period.span, kind.where, limit=limit, offset=offset)
    return [_traced(row, source) for row in rows]


def _traced(row: PageRow, source: Source) -> TracedRow:
    on = row.moment[:10] if row.moment else iso_or_none(row.day)
    words: dict[str, Any] = {word: row._mapping[word] for word in source.words}
    return TracedRow(row.kind, row.key, row.district, row.uscc, row.name, on, row.amount, words)
