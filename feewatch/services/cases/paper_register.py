"""文书登记簿: a paper as it is read, with its words and its service, and the register as a list."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.casework.papers import INSTITUTION, PAPERS, WAYS, kinds_from
from feewatch.kernel.clock import today
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.papers.reading import PaperBlock, read_blocks
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.services.cases.papers import get_document
from feewatch.services.intake import rawfiles
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.sheets.quoting import write_csv
from feewatch.store.cases import cases
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


def get_paper(app: App, scope: Scope, name: str | int) -> PaperFile:
    """A paper by its number or key, with the words of its document and all rows of its service.

    Raises: NotFoundError, also for one outside the scope; UnavailableError where the kept document
    is gone or changed.
    """
    with app.database.reading() as tx:
        row = pages.find_paper(tx, scope, name, today())
        if row is None:
            raise stored.unknown_paper(str(name))
        services = stored.list_services(tx, row.id)
    return PaperFile(row, read_blocks(get_document(app, row)), services)


def list_spoilt(app: App) -> tuple[int, list[tuple[str, Text]]]:
    """How many papers are kept, and those whose document or template is gone or changed."""
    with app.database.reading() as tx:
        rows = stored.list_kept(tx)
    spoilt, sound = [], set[str]()
    for row in rows:
        try:
            for sha256 in {row["sha256"], row["template_sha256"]} - sound:
                rawfiles.load(app, sha256)
                sound.add(sha256)
        except UnavailableError as fault:
            spoilt.append((row["number"], fault.text))
    return len(rows), spoilt


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


_HEADS = (
    "文号", "文种", "编号系列", "年份", "序号", "案件编号", "机构", "受文单位", "制作人",
    "制作时间", "送达日期", "送达方式", "签收人", "作废人", "作废时间", "作废理由",
)  # fmt: skip


def register_csv(rows: PageRows) -> bytes:
    """The register for a spreadsheet: texts, never formulas."""
    return write_csv([list(_HEADS), *map(_texts, rows)])


def register_workbook(rows: PageRows) -> bytes:
    """The same as a workbook."""
    lines = [[Cell(text) for text in line] for line in (_HEADS, *map(_texts, rows))]
    return write_workbook([WorkbookPage("文书登记簿", lines)])


def _texts(row: PageRow) -> list[str]:
    return [
        row.number, PAPERS[row.kind].title.zh, row.series, str(row.year), str(row.ordinal),
        row.case_number or "", row.name or "", row.content["recipient"], row.made_by,
        row.made_at[:16].replace("T", " "), iso_or_none(row.served_on) or "",
        WAYS[row.way].zh if row.way else "", row.recipient or "", row.voided_by or "",
        (row.voided_at or "")[:16].replace("T", " "), row.void_reason or "",
    ]  # fmt: skip


def list_of_case(app: App, scope: Scope, case: str) -> PageRows:
    """The papers of a case within a scope, an institution's those that it was served with."""
    return list_papers(app, scope, pages.WantedPapers(case=case))


def list_kinds(app: App, case: PageRow) -> list[str]:
    """The kinds of paper that can be made of a case as it stands."""
    with app.database.reading() as tx:
        authorities = {row["authority"] for row in cases.list_case_matters(tx, case.id)}
    kinds = kinds_from(case.state, authorities)
    has_institution = case.institution_id is not None
    return [name for name in kinds if has_institution or PAPERS[name].goes_to != INSTITUTION]
