"""Premises and clues as the office looks at them: lists, one by one, totals of a campaign."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.services.cases.clues import unknown_clue
from feewatch.services.paging import Page, slice_of
from feewatch.services.registers.fact_changes import FactChange, changes_of
from feewatch.sheets.quoting import write_csv
from feewatch.store.pages import PageRow, PageRows, places
from feewatch.store.pages.places import WantedClues, WantedPremises

STATES = {
    "unlicensed": Text("无证无照", "no permit, no business licence"),
    "no_licence": Text("有照无证", "business licence, no permit"),
    "no_business": Text("有证无照", "permit, no business licence"),
    "licensed": Text("证照齐全", "both"),
}
DISPOSALS = {
    "open": Text("待处置", "open"),
    "completed": Text("已补办", "papers completed"),
    "closed": Text("已取缔", "closed down"),
    "transferred": Text("已移送", "transferred"),
}
CLUE_STATES = {
    "open": Text("待核", "open"),
    "linked": Text("已并入", "linked"),
    "unfounded": Text("不实", "unfounded"),
    "closed": Text("已办结", "closed"),
}
SOURCES = {
    "12345": Text("12345 热线", "hotline 12345"),
    "12391": Text("12391 热线", "hotline 12391"),
    "visit": Text("走访", "visit"),
    "letter": Text("信访", "letter"),
    "online": Text("网络", "online"),
    "other": Text("其他", "other"),
}


Wanted = TypeVar("Wanted", WantedPremises, WantedClues)


def _any(wanted: Wanted, column: str) -> Wanted:
    """What is wanted, but with any word in one column."""
    unasked: dict[str, Any] = {column: ""}
    return replace(wanted, **unasked)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list and, by column, how many there are with each word."""

    page: Page
    counts: dict[str, dict[str, int]]


def list_premises(app: App, scope: Scope, wanted: WantedPremises, number: int) -> Listed:
    """Premises as asked for; each count is of all but its own word."""
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = places.list_premises(tx, scope, wanted, limit=size, offset=start)
        page = Page(rows, places.count_premises(tx, scope, wanted), number)
        counts = {
            column: places.count_premises_by(tx, scope, column, _any(wanted, column))
            for column in ("state", "disposal", "district")
        }
    return Listed(page, counts)


@dataclass(frozen=True, slots=True)
class PremisesFile:
    """Premises with what became of them."""

    premises: PageRow
    changes: list[FactChange]
    decisions: PageRows


def get_premises(app: App, scope: Scope, number: str) -> PremisesFile:
    """Premises by number.

    Raises: NotFoundError, also for those outside the scope.
    """
    with app.database.reading() as tx:
        row = places.find_premises(tx, scope, number)
        if row is None:
            raise NotFoundError("PREMISES-UNKNOWN", f"没有场所 {number}", f"no premises {number}")
        changes = changes_of("premises", places.list_changes(tx, "premises", number))
        return PremisesFile(row, changes, places.list_decisions_on(tx, number))


@dataclass(frozen=True, slots=True)
class Campaign:
    """How many premises were found in each month, by state and by disposal."""

    months: tuple[tuple[str, Counter[str]], ...]  # counts by state and by disposal
    total: Counter[str]

    @property
    def settled(self) -> int:
        """Premises that wait for nothing more."""
        return sum(self.total[name] for name in DISPOSALS if name != "open")


def read_campaign(app: App, scope: Scope, wanted: WantedPremises) -> Campaign:
    """The totals of a campaign against missing papers (证照不全专项清理)."""
    months: dict[str, Counter[str]] = {}
    with app.database.reading() as tx:
        for row in places.count_found(tx, scope, wanted):
            counts = months.setdefault(format_day(row.found_on)[:7], Counter())
            for name in (row.state, row.disposal, f"{row.state}/{row.disposal}", "all"):
                counts[name] += row.premises
    total = sum(months.values(), Counter[str]())
    return Campaign(tuple(sorted(months.items())), total)


_HEADS = [Text("发现月份", "month found"), Text("合计", "total"), *STATES.values()]
_HEADS += [*DISPOSALS.values()]


def campaign_csv(campaign: Campaign) -> bytes:
    """The totals of a campaign for a spreadsheet."""
    return write_csv(_table(campaign))


def campaign_workbook(campaign: Campaign) -> bytes:
    """The totals of a campaign as a workbook."""
    rows = [[Cell(text) for text in row] for row in _table(campaign)]
    return write_workbook([WorkbookPage("证照不全清理 campaign", rows)])


def _table(campaign: Campaign) -> Sequence[Sequence[str]]:
    lines = [*campaign.months, (Text("合计", "total").both(), campaign.total)]
    names = ("all", *STATES, *DISPOSALS)
    rows = [[month, *(str(counts[name]) for name in names)] for month, counts in lines]
    return [[head.both() for head in _HEADS], *rows]


def list_clues(app: App, scope: Scope, wanted: WantedClues, number: int) -> Listed:
    """Clues as asked for; each count is of all but its own word."""
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = places.list_clues(tx, scope, wanted, limit=size, offset=start)
        page = Page(rows, places.count_clues(tx, scope, wanted), number)
        counts = {
            column: places.count_clues_by(tx, scope, column, _any(wanted, column))
            for column in ("state", "source", "district")
        }
    return Listed(page, counts)


@dataclass(frozen=True, slots=True)
class ClueFile:
    """A clue with what officers made of it, and the matters that it may be linked to."""

    clue: PageRow
    events: PageRows
    changes: list[FactChange]
    matters: PageRows


def get_clue(app: App, scope: Scope, number: str) -> ClueFile:
    """A clue by number.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        row = places.find_clue(tx, scope, number)
        if row is None:
            raise unknown_clue(number)
        matters: Sequence[Any] = []
        if row.institution_id is not None:
            matters = places.list_open_matters(tx, scope, row.institution_id, today())
        changes = changes_of("clues", places.list_changes(tx, "clues", number))
        return ClueFile(row, places.list_events(tx, row.id), changes, matters)
