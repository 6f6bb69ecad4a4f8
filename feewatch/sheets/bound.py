"""A workbook of several sheets of texts that are no formulas; equal content gives equal bytes.

Editions of whole provinces are written so: plain inline texts take a quarter of the time that a
general writer takes.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from feewatch.sheets.listing import sheet_text

#: The first moment that a ZIP archive can tell, in place of the moment of making.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: Style 0: general; 1: text that stays one; 2: the same as a head.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2">'
    '<font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3">'
    '<fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFDCE6F1"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf numFmtId="49" applyNumberFormat="1" quotePrefix="1" '
    'xfId="0"/><xf numFmtId="49" applyNumberFormat="1" fontId="1" fillId="2" applyFont="1" '
    'applyFill="1" xfId="0"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" '
    'builtinId="0"/></cellStyles></styleSheet>'
)
#: What XML or a cell cannot hold as it is, escapes of workbooks (``_x000D_``) included.
_SPECIAL = re.compile("[&<>\r\n\t\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")


class BoundSheet(NamedTuple):
    """One sheet: its name, the heads of its columns, its rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def bind_sheets(sheets: Sequence[BoundSheet], created: dt.date) -> bytes:
    """The XLSX of some sheets; ``created`` stands in it in place of the moment of making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, content in _frame([sheet.title[:31] for sheet in sheets], created):
            _add(book, name, content)
        for place, sheet in enumerate(sheets, 1):
            _add(book, f"xl/worksheets/sheet{place}.xml", _sheet(sheet))
    return out.getvalue()


def _add(book: zipfile.ZipFile, name: str, content: str) -> None:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.external_attr = 0o600 << 16
    entry.create_system = 3  # the same on every machine
    book.writestr(entry, (_HEAD + content).encode(), zipfile.ZIP_DEFLATED, 1)


def _frame(titles: Sequence[str], created: dt.date) -> Iterable[tuple[str, str]]:
    """All parts but the sheets."""
    numbers = range(1, len(titles) + 1)
    yield "[Content_Types].xml", _content_types(numbers)
    yield (
        "_rels/.rels",
        _relations(
            (f"{_DOCUMENT}/officeDocument", "xl/workbook.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
    )
    yield "docProps/core.xml", _properties(created)
    named = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="rId{n}"/>'
        for n, title in zip(numbers, titles, strict=True)
    )
    sheets = f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{named}</sheets></workbook>'
    yield "xl/workbook.xml", sheets
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations(
            *((f"{_DOCUMENT}/worksheet", f"worksheets/sheet{n}.xml") for n in numbers),
            (f"{_DOCUMENT}/styles", "styles.xml"),
        ),
    )
    yield "xl/styles.xml", _STYLES


def _content_types(numbers: Iterable[int]) -> str:
    kinds = {
        "/xl/workbook.xml": f"{_TYPES}.sheet.main+xml",
        "/xl/styles.xml": f"{_TYPES}.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    kinds |= {f"/xl/worksheets/sheet{n}.xml": f"{_TYPES}.worksheet+xml" for n in numbers}
    listed = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items()
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>{listed}</Types>'
    )


def _properties(created: dt.date) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{created.isoformat()}T00:00:00Z'
        "</dcterms:created></cp:coreProperties>"
    )


def _relations(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _sheet(sheet: BoundSheet) -> str:
    columns = max(len(sheet.heads), 1)
    rows = [_row(sheet.heads, 2), *(_row(row, 1) for row in sheet.rows)]
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
        'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{columns}" width="22" customWidth="1"/></cols>'
        f"<sheetData>{''.join(rows)}</sheetData></worksheet>"
    )


def _row(cells: Sequence[str], style: int) -> str:
    """A row; cells and rows stand in their order, so that no place has to be named."""
    written = [
        f'<c s="{style}" t="inlineStr"><is><t>{cell}</t></is></c>'
        if not _SPECIAL.search(cell)
        else f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_held(cell)}</t></is></c>'
        for cell in cells
    ]
    return f"<row>{''.join(written)}</row>"


def _held(cell: str) -> str:
    """A cell with nothing in it that XML would change or a workbook would read otherwise."""
    words = re.sub("_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", sheet_text(cell))
    return escape(words).replace("\r", "_x000D_")
