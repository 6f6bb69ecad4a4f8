"""The files of an edition, each made from its document alone: nothing that the document lacks."""

from collections.abc import Mapping
from typing import Any

from feewatch.credit.lists import LISTS
from feewatch.kernel.text import Text
from feewatch.publication.columns import Cell, EditionTable, list_tables
from feewatch.publication.feed import render_feed
from feewatch.publication.page import render_page
from feewatch.publication.workbook import render_workbook
from feewatch.sheets.quoting import write_csv

EDITION_FILE = "edition.json"
PAGE_FILE = "index.html"
WORKBOOK_FILE = "名单.xlsx"
FEED_FILE = "feed.atom"


def render(document: Mapping[str, Any], signed: bytes) -> dict[str, bytes]:
    """Every file of an edition but its manifest, by file name."""
    tables = list_tables(document)
    files = {
        EDITION_FILE: signed,
        PAGE_FILE: render_page(document, tables),
        WORKBOOK_FILE: render_workbook(document, tables),
        FEED_FILE: render_feed(document),
    }
    for table in tables:
        if table.name in LISTS:
            files[csv_name(table.name)] = render_csv(table)
    return files


def csv_name(name: str) -> str:
    """The file of a list: people who open the folder know it by the list's name."""
    return f"{LISTS[name].zh}.csv"


def render_csv(table: EditionTable) -> bytes:
    """A list as CSV that a spreadsheet opens as it is: UTF-8 with BOM, no formulas."""
    heads = [head.both() for head in table.heads]
    return write_csv([heads, *([shown(cell) for cell in row] for row in table.rows)])


def shown(cell: Cell) -> str:
    """A cell on one line."""
    return cell.both() if isinstance(cell, Text) else cell
