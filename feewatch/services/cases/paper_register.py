"""文书登记簿: a paper as it is read, with its words and its service, and the register as a list."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.people import Scope
from feewatch.papers.reading import PaperBlock, read_blocks
from feewatch.services.cases.papers import get_document
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.cases import papers as stored
from feewatch.store.database import Record
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages import papers as pages


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A paper as a page shows it."""

    paper: PageRow
    blocks: list[PaperBlock]
    services: list[Record]


@dataclass(frozen=True, slots=True)
class Register:
    """One page of the register with what may be filtered by."""

    page: Page
    years: list[int]
    series: list[str]


def get_paper(app: App, scope: Scope, number: str) -> PaperFile:
    """A paper with the words of its document and all rows of its service.

    Raises: NotFoundError, also for one outside the scope; UnavailableError where the kept document
    is gone or changed.
    """
    with app.database.reading() as tx:
        row = pages.find_paper(tx, scope, number, today())
        if row is None:
            raise stored.unknown_paper(number)
        services = stored.list_services(tx, row.id)
    return PaperFile(row, read_blocks(get_document(app, row)), services)


def list_papers(app: App, scope: Scope, wanted: pages.WantedPapers) -> PageRows:
    """All papers that are asked for, as a list to hand out."""
    with app.database.reading() as tx:
        return pages.list_papers(tx, scope, wanted, today())


def read_register(app: App, scope: Scope, wanted: pages.WantedPapers, number: int) -> Register:
    """One page of the register."""
    with app.database.reading() as tx:
        rows = pages.list_papers(
            tx, scope, wanted, today(), limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
        )
        count = pages.count_papers(tx, scope, wanted, today())
        return Register(
            Page(rows, count, number), pages.list_years(tx, scope), pages.list_series(tx, scope)
        )


def list_of_case(app: App, scope: Scope, case: str) -> PageRows:
    """The papers of a case within a scope, an institution's those that it was served with."""
    return list_papers(app, scope, pages.WantedPapers(case=case))
