"""The inbox: matters by institution, by rule or one by one, with counts to filter by."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book
from feewatch.services.paging import Page, slice_of
from feewatch.store.database import Transaction
from feewatch.store.kept import BEHIND_SECONDS
from feewatch.store.pages import PageRow, PageRows, inbox, inbox_groups, proposals
from feewatch.store.pages.inbox import Wanted

#: How matters may be grouped; the first unless told otherwise.
GROUPS = ("institution", "rule", "none")
#: Matters of a group on the page; the others are one link away.
MOST_OF_GROUP = 5
#: Groups on a page.
GROUPS_SIZE = 20


@dataclass(frozen=True, slots=True)
class MatterLine:
    """A matter as a list shows it."""

    row: PageRow
    share: Decimal | None  # measured ÷ limit of its worst alert, else its sum ÷ the fees
    of_fees: bool  # whether the share is of the fees
    age_days: int

    @property
    def owner(self) -> str | None:
        """Who looks after it: its own owner, else that of its case."""
        owner: str | None = self.row.owner or self.row.case_owner
        return owner


@dataclass(frozen=True, slots=True)
class MatterGroup:
    """Matters of one institution or rule, the gravest of them shown."""

    value: str  # credit code or rule
    title: Text | None  # of a rule
    matters: int
    institutions: int
    sum_fen: int | None
    severity: str
    age_days: int
    lines: list[MatterLine]


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of the inbox: groups, or lines where nothing is grouped."""

    page: Page  # its rows are the groups or the lines
    matters: int  # how many are asked for in all
    facets: dict[str, dict[str, int]]  # values with their counts, by facet
    correcting: set[int]  # matters with alerts of which a correction waits


@dataclass(frozen=True, slots=True)
class Matters:
    """One page of matters as programs read them."""

    page: Page
    correcting: set[int]


def read_inbox(
    app: App, scope: Scope, wanted: Wanted, by: str, number: int, *, keeps: bool = True
) -> Inbox:
    """The page of the inbox asked for; each facet is counted without its own filter.

    ``keeps``: whether the page is kept for whoever asks next, as those of a long list are not; a
    list that leaves the program is not behind anything either.
    """
    day, book = today(), rule_book(app)
    with app.database.reading() as tx:
        known = app.database.kept.by_table(tx, behind=BEHIND_SECONDS if keeps else 0.0)
        facets, total = known.answer(
            ("facets", scope, wanted, day),
            lambda: inbox_groups.count_facets(tx, scope, wanted, day),
        )

        def ask() -> Page:
            if by == "none":
                limit, start = slice_of(number)
                rows = inbox_groups.list_flat(tx, scope, wanted, day, limit=limit, offset=start)
                return Page(_lines(tx, rows, day), total, number)
            return _grouped(book, tx, scope, wanted, by, number)

        key = ("inbox", scope, wanted, day, book.version, by, number)
        page = known.answer(key, ask) if keeps else ask()
        correcting = known.answer(("correcting",), lambda: proposals.list_matters_waiting(tx))
        return Inbox(page, total, facets, correcting)


def list_matters(app: App, scope: Scope, wanted: Wanted, number: int) -> Matters:
    """One page of matters, the most severe first."""
    day = today()
    with app.database.reading() as tx:
        limit, start = slice_of(number)
        rows = inbox.list_matters(tx, scope, wanted, day, limit=limit, offset=start)
        page = Page(rows, inbox.count_matters(tx, scope, wanted, day), number)
        return Matters(page, proposals.list_matters_waiting(tx))


def list_siblings(app: App, scope: Scope, matter_id: int) -> list[MatterLine]:
    """Other matters of the institution of a matter that are not ended."""
    day = today()
    with app.database.reading() as tx:
        rows = inbox_groups.list_siblings(tx, scope, matter_id, day, GROUPS_SIZE)
        return _lines(tx, rows, day)


def _grouped(
    book: RuleBook, tx: Transaction, scope: Scope, wanted: Wanted, by: str, number: int
) -> Page:
    day, size = today(), GROUPS_SIZE
    start = (number - 1) * size
    rows, total = inbox_groups.list_groups(tx, scope, wanted, day, by=by, limit=size, offset=start)
    listed = inbox_groups.list_gravest(
        tx, scope, wanted, day, by=by, groups=rows, most=MOST_OF_GROUP
    )
    lines: dict[str, list[MatterLine]] = {row.value: [] for row in rows}
    for line in _lines(tx, listed, day):
        lines[line.row.uscc if by == "institution" else line.row.rule].append(line)
    groups = []
    for row in rows:
        rule = book.rules.get(row.value) if by == "rule" else None
        groups.append(
            MatterGroup(
                row.value,
                rule.title if rule else None,
                int(row.matters),
                int(row.institutions),
                None if row.sum_fen is None else int(row.sum_fen),
                SEVERITIES[row.gravest],
                _age(row.opened_at, day),
                lines[row.value],
            )
        )
    return Page(groups, total, number, size)


def _lines(tx: Transaction, rows: PageRows, day: Day) -> list[MatterLine]:
    unlimited = [row.id for row in rows if _share(row) is None]
    fees = inbox_groups.sum_fees(tx, unlimited) if unlimited else {}
    lines = []
    for row in rows:
        share, fee_fen = _share(row), fees.get(row.id)
        of_fees = share is None and bool(fee_fen) and row.sum_fen is not None
        if of_fees:
            share = Decimal(row.sum_fen) / Decimal(fee_fen or 1)
        lines.append(MatterLine(row, share, of_fees, _age(row.opened_at, day)))
    return lines


def _share(row: PageRow) -> Decimal | None:
    """Measured ÷ limit of the worst alert; None where either is no number or the limit is zero."""
    try:
        measured, limit = Decimal(str(row.measured)), Decimal(str(row.limit_value))
    except InvalidOperation:
        return None
    return measured / limit if limit > 0 else None


def _age(moment: str, day: Day) -> int:
    opened = parse_day(moment[:10])
    assert opened is not None  # as ``clock.timestamp`` writes it
    return max(0, day - opened)
