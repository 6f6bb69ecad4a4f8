"""The shipped templates: their texts (``texts/*.toml``) laid out as DOCX after GB/T 9704.

A4; 37 mm above, 28 mm at the left, a body of 156 × 225 mm with 22 lines of 28 characters; 仿宋 三号
for the text, 小标宋 二号 for the title, 黑体 and 楷体 for headings, page numbers outside below. The
document names the fonts that offices have and, for machines that lack them, others to take instead.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from xml.sax.saxutils import escape, quoteattr

from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import Table, read_toml
from feewatch.papers.filling import pack

_PACKAGE = "feewatch.papers"
_TWIPS_A_MM = 1440 / 25.4
_LINE = 579  # twips: 225 mm in 22 lines
_TIGHT = -5  # twips between characters of 16 points: 28 of them in 156 mm
_TEXT_SIZE = 32  # half points: 三号
_WIDTH_MM, _LANDSCAPE_WIDTH_MM = 156, 237
_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FONTS = {
    "fang": ("仿宋_GB2312", "仿宋"),
    "song": ("方正小标宋简体", "宋体"),
    "hei": ("黑体", "SimHei"),
    "kai": ("楷体_GB2312", "楷体"),
    "plain": ("宋体", "SimSun"),
}
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="632"/>'
#: Style of a block: title, font, size in half points, colour, what its paragraph is like.
STYLES: dict[str, tuple[str, str, int, str, str]] = {
    "head": ("发文机关标志", "song", 62, "C00000", '<w:jc w:val="center"/>'),
    "number": (
        "发文字号", "fang", 32, "",
        ('<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="6" w:color="C00000"/></w:pBdr>'
         '<w:jc w:val="center"/>'),
    ),
    "plain_number": ("编号", "fang", 28, "", '<w:jc w:val="right"/>'),
    "title": (
        "公文标题", "song", 44, "",
        ('<w:spacing w:before="579" w:after="290" w:line="700" w:lineRule="exact"/>'
         '<w:jc w:val="center"/>'),
    ),
    "to": ("主送", "fang", 32, "", ""),
    "text": ("公文正文", "fang", 32, "", _INDENT),
    "heading": ("一级标题", "hei", 32, "", f"<w:keepNext/>{_INDENT}"),
    "subheading": ("二级标题", "kai", 32, "", f"<w:keepNext/>{_INDENT}"),
    "sign": (
        "署名", "fang", 32, "",
        '<w:keepNext/><w:ind w:rightChars="400" w:right="1264"/><w:jc w:val="right"/>',
    ),
    "date": ("成文日期", "fang", 32, "",
             '<w:ind w:rightChars="400" w:right="1264"/><w:jc w:val="right"/>'),
    "note": ("附注", "fang", 28, "", '<w:ind w:firstLineChars="200" w:firstLine="560"/>'),
    "copies": (
        "版记", "fang", 28, "",
        ('<w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/>'
         '<w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
         '<w:ind w:leftChars="100" w:left="280"/>'),
    ),
    "cell": (
        "表格文字", "fang", 21, "",
        '<w:snapToGrid w:val="0"/><w:spacing w:line="300" w:lineRule="exact"/><w:jc w:val="left"/>',
    ),
    "cell_head": (
        "表头", "hei", 21, "",
        ('<w:snapToGrid w:val="0"/><w:spacing w:line="300" w:lineRule="exact"/>'
         '<w:jc w:val="center"/>'),
    ),
}  # fmt: skip


#: Kinds of which a template is shipped.
SHIPPED = (
    "rectification_order", "hint_letter", "supervision_order", "transfer_letter", "closing_form",
    "recheck_record", "confirmation_letter",
)  # fmt: skip


def shipped(kind: str) -> bytes:
    """The shipped template of a kind as DOCX; the same bytes each time."""
    text = (files(_PACKAGE) / "texts" / f"{kind}.toml").read_bytes()
    faults: list[Problem] = []
    table = read_toml(text, f"{kind}.toml", faults)
    assert table is not None, faults
    landscape = table.flag("landscape")
    blocks = "".join(_block(block, landscape=landscape) for block in table.tables("block"))
    table.end()
    assert not faults, faults  # ours; a test reads them all
    return package(blocks, landscape=landscape)


def _block(block: Table, *, landscape: bool) -> str:
    if block.has("row") or block.has("rows"):
        xml = _table(block, landscape=landscape)
    else:
        style = block.choice("style", tuple(STYLES))
        breaks = block.flag("new_page")
        xml = "".join(
            paragraph(style, line, new_page=breaks and place == 0)
            for place, line in enumerate(block.text("text").split("\n"))
        )
    block.end()
    return xml


def paragraph(style: str, text: str, *, new_page: bool = False) -> str:
    """A paragraph of a style, as a block of a document."""
    about = "<w:pageBreakBefore/>" if new_page else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{about}</w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def _table(block: Table, *, landscape: bool) -> str:
    """A table: a head that comes again on each page, a row for each item, or fixed rows.

    Cells are parted by ``|``, lines of a cell by ``¶``.
    """
    shares = [int(share) for share in block.text("widths").split()]
    named = [("head", "cell_head"), ("row", "cell"), ("rows", "cell")]
    lines = [
        (style, line.split("|"))
        for name, style in named
        if block.has(name)
        for line in block.text(name).strip().split("\n")
    ]
    return table(shares, lines, landscape=landscape)


def table(
    shares: Sequence[int], lines: Iterable[tuple[str, list[str]]], *, landscape: bool = False
) -> str:
    """A table as a block of a document: widths of columns by share, lines of a style with cells."""
    whole = (_LANDSCAPE_WIDTH_MM if landscape else _WIDTH_MM) * _TWIPS_A_MM
    widths = [round(whole * share / sum(shares)) for share in shares]
    rows = "".join(_row(cells, widths, style) for style, cells in lines)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
        '<w:p><w:pPr><w:pStyle w:val="cell"/></w:pPr></w:p>'
    )


def _row(cells: list[str], widths: list[int], style: str) -> str:
    """A row; a row of fewer cells than columns lets its last cell span the rest."""
    about = "<w:cantSplit/>" + ("<w:tblHeader/>" if style == "cell_head" else "")
    return f"<w:tr><w:trPr>{about}</w:trPr>{''.join(_cells(cells, widths, style))}</w:tr>"


def _cells(cells: list[str], widths: list[int], style: str) -> Iterator[str]:
    for place, cell in enumerate(cells):
        rest = len(widths) - place if place == len(cells) - 1 else 1
        span = f'<w:gridSpan w:val="{rest}"/>' if rest > 1 else ""
        width = sum(widths[place : place + rest])
        lines = "".join(paragraph(style, line) for line in cell.strip().split("¶"))
        yield f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}</w:tcPr>{lines}</w:tc>'


def package(blocks: str, *, landscape: bool) -> bytes:
    """A document whose body holds these blocks, as DOCX."""
    document = (
        f"<w:document {_NS}><w:body>{blocks}{_section(landscape=landscape)}</w:body></w:document>"
    )
    styles = "".join(map(_style, STYLES))
    parts = {
        "word/document.xml": document,
        "word/styles.xml": f"<w:styles {_NS}>{_defaults()}{styles}</w:styles>",
        "word/fontTable.xml": f"<w:fonts {_NS}>{''.join(map(_font, FONTS))}</w:fonts>",
        "word/settings.xml": f"<w:settings {_NS}><w:evenAndOddHeaders/></w:settings>",
        "word/footer1.xml": _footer("right"),
        "word/footer2.xml": _footer("left"),
        **_FRAME,
    }
    return pack({name: (_HEAD + xml).encode() for name, xml in parts.items()})


def _section(*, landscape: bool) -> str:
    width, height = round(210 * _TWIPS_A_MM), round(297 * _TWIPS_A_MM)
    top, bottom, left, right = (round(mm * _TWIPS_A_MM) for mm in (37, 35, 28, 26))
    size = f'<w:pgSz w:w="{width}" w:h="{height}"/>'
    if landscape:
        size = f'<w:pgSz w:w="{height}" w:h="{width}" w:orient="landscape"/>'
        top, bottom, left, right = (round(mm * _TWIPS_A_MM) for mm in (28, 26, 30, 30))
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId4"/>'
        f'<w:footerReference w:type="even" r:id="rId5"/>{size}'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
        f'w:header="851" w:footer="{round(28 * _TWIPS_A_MM)}" w:gutter="0"/>'
        f'<w:docGrid w:type="lines" w:linePitch="{_LINE}"/>'
        "</w:sectPr>"
    )


def _defaults() -> str:
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{_letters('fang', 32)}</w:rPr></w:rPrDefault>"
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:pPr><w:widowControl w:val="0"/>'
        f'<w:spacing w:line="{_LINE}" w:lineRule="exact"/><w:jc w:val="both"/></w:pPr></w:style>'
    )


def _style(name: str) -> str:
    title, font, size, colour, about = STYLES[name]
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    if name == "head":  # taller than a line of text
        about = '<w:spacing w:before="0" w:after="290" w:line="900" w:lineRule="exact"/>' + about
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}">'
        f'<w:name w:val={quoteattr(title)}/><w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{about}</w:pPr><w:rPr>{_letters(font, size, shade)}</w:rPr></w:style>"
    )


def _letters(font: str, size: int, shade: str = "") -> str:
    name = FONTS[font][0]
    tight = f'<w:spacing w:val="{_TIGHT}"/>' if size == _TEXT_SIZE else ""
    latin = "Times New Roman" if font in ("fang", "kai") else name
    return (
        f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{name}" w:cs="{latin}"/>'
        f'{shade}{tight}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN"/>'
    )


def _font(font: str) -> str:
    name, instead = FONTS[font]
    return (
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
    )


def _footer(side: str) -> str:
    field = "".join(
        f"<w:r>{_PAGE_LETTERS}{inner}</w:r>"
        for inner in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    about = f'<w:pPr><w:ind w:{side}Chars="100" w:{side}="280"/><w:jc w:val="{side}"/></w:pPr>'
    return f"<w:ftr {_NS}><w:p>{about}{field}</w:p></w:ftr>"


_PAGE_LETTERS = f"<w:rPr>{_letters('plain', 28)}</w:rPr>"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKED = "http://schemas.openxmlformats.org/package/2006"


def _relations(*targets: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKED}/relationships">{lines}</Relationships>'


_TYPES = {
    "/word/document.xml": f"{_WORD}.document.main+xml",
    "/word/styles.xml": f"{_WORD}.styles+xml",
    "/word/fontTable.xml": f"{_WORD}.fontTable+xml",
    "/word/settings.xml": f"{_WORD}.settings+xml",
    "/word/footer1.xml": f"{_WORD}.footer+xml",
    "/word/footer2.xml": f"{_WORD}.footer+xml",
    "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
}
#: What every package has whatever it says.
_FRAME = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKED}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in _TYPES.items()
        )
        + "</Types>"
    ),
    "_rels/.rels": _relations(
        (f"{_OFFICE}/officeDocument", "word/document.xml"),
        (f"{_PACKED}/relationships/metadata/core-properties", "docProps/core.xml"),
    ),
    "word/_rels/document.xml.rels": _relations(
        (f"{_OFFICE}/styles", "styles.xml"),
        (f"{_OFFICE}/fontTable", "fontTable.xml"),
        (f"{_OFFICE}/settings", "settings.xml"),
        (f"{_OFFICE}/footer", "footer1.xml"),
        (f"{_OFFICE}/footer", "footer2.xml"),
    ),
    "docProps/core.xml": (f'<cp:coreProperties xmlns:cp="{_PACKED}/metadata/core-properties"/>'),
}
