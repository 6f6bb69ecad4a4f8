"""A DOCX as blocks that a page or a terminal can show: paragraphs with their style, tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.numbers import read_whole
from feewatch.papers.filling import W, parse, unpack

#: Columns of a table that a page has room for.
_WIDEST = 1000
_SIGNS = {f"{W}br": "\n", f"{W}tab": " "}


@dataclass(frozen=True, slots=True)
class PaperBlock:
    """A paragraph (``text``) or a table (``rows``: cells with the columns that each spans)."""

    style: str
    text: str = ""
    align: str = ""  # center, right; empty: left
    rows: tuple[tuple[tuple[str, int], ...], ...] = ()
    has_head: bool = False

    def lines(self) -> list[str]:
        """The block for a terminal."""
        if not self.rows:
            return [self.text]
        return ["  ".join(text.replace("\n", " ") for text, _ in row) for row in self.rows]


def read_blocks(content: bytes) -> list[PaperBlock]:
    """The blocks of a document's body, empty paragraphs left out."""
    parts = unpack(content)
    styles = _read_styles(parts.get("word/styles.xml"))
    body = parse(parts["word/document.xml"]).find(f"{W}body")
    return [] if body is None else list(_blocks(body, styles))


def _blocks(body: Any, styles: dict[str, str]) -> Iterator[PaperBlock]:
    for element in body:
        if element.tag == f"{W}p":
            text = _text(element)
            if text.strip():
                style = _value(element.find(f"{W}pPr/{W}pStyle"))
                align = _value(element.find(f"{W}pPr/{W}jc")) or styles.get(style, "")
                yield PaperBlock(style, text, align if align in ("center", "right") else "")
        elif element.tag == f"{W}tbl":
            rows = element.findall(f"{W}tr")
            cells = tuple(tuple(_cell(cell) for cell in row.findall(f"{W}tc")) for row in rows)
            has_head = bool(rows) and rows[0].find(f"{W}trPr/{W}tblHeader") is not None
            yield PaperBlock("table", rows=cells, has_head=has_head)


def _cell(cell: Any) -> tuple[str, int]:
    text = "\n".join(_text(paragraph) for paragraph in cell.findall(f"{W}p"))
    span = _value(cell.find(f"{W}tcPr/{W}gridSpan"))
    return text.strip("\n"), read_whole(span, _WIDEST) or 1


def _text(paragraph: Any) -> str:
    nodes = paragraph.iter(*_SIGNS, f"{W}t")
    return "".join(_SIGNS.get(node.tag) or node.text or "" for node in nodes)


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(f"{W}val", ""))


def _read_styles(data: bytes | None) -> dict[str, str]:
    """How the paragraphs of each style are set, where it says so."""
    if data is None:
        return {}
    return {
        str(style.get(f"{W}styleId")): _value(style.find(f"{W}pPr/{W}jc"))
        for style in parse(data).iter(f"{W}style")
    }
