"""An edition as a workbook: what it is on the first sheet, then a sheet for each of its tables."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from feewatch.kernel.text import Text
from feewatch.publication.columns import Cell, EditionTable
from feewatch.publication.page import KINDS, words_on
from feewatch.sheets.bound import BoundSheet, bind_sheets

_ABOUT = "说明"


def render_workbook(document: Mapping[str, Any], tables: list[EditionTable]) -> bytes:
    """The XLSX of an edition; it holds texts and no formulas."""
    sheets = [BoundSheet(_ABOUT, ["项目 / item", "内容 / content"], _about(document, tables))]
    for table in tables:
        heads = [head.both() for head in table.heads]
        rows = [[_shown(cell) for cell in row] for row in table.rows]
        sheets.append(BoundSheet(table.title.zh, heads, rows))
    return bind_sheets(sheets, dt.date.fromisoformat(document["cut_off"]))


def _about(document: Mapping[str, Any], tables: list[EditionTable]) -> list[list[str]]:
    lines = [
        ("发布机关 / office", document["office"]),
        ("行政区划 / district", document["district"]),
        ("期次 / edition", str(document["number"])),
        ("截止日 / cut-off", document["cut_off"]),
        ("版别 / kind", KINDS[document["kind"]].both()),
        ("规则库版本 / rule book", document["rule_book"]),
    ]
    lines += [
        (table.title.both(), words.both())
        for table in tables
        for words in words_on(document, table.name)
    ]
    return [list(line) for line in lines]


def _shown(cell: Cell) -> str:
    return cell.both() if isinstance(cell, Text) else cell
