"""An edition as one page that is read and printed; it stands alone and holds no script."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from feewatch.kernel.citation import CERTAINTY_WORDS
from feewatch.kernel.text import Text
from feewatch.publication.columns import DELTA_TABLE, Cell, EditionTable
from feewatch.publication.templating import TEMPLATES

KINDS = {
    "regular": Text("定期版", "regular edition"),
    "correction": Text("更正版（仅移出）", "correction (removals only)"),
    "removals": Text("仅移出", "removals only"),
}
#: Of a list to which no document that was read attaches anything.
NO_CONSEQUENCE = Text(
    "没有核读过的文件规定列入本名单的后果，本机关不附加任何后果。",
    "No document that was read attaches a consequence to this list, and the office adds none.",
)
_PRESET = Text("本机关自定", "set by the office")
#: What HTML reads as something else than text.
_MARKING = re.compile("[&<>\"']")


class PrintedSection(NamedTuple):
    """A table with the words around it."""

    table: EditionTable
    anchor: str
    words: list[Text]


def render_page(document: Mapping[str, Any], tables: list[EditionTable]) -> bytes:
    """The edition as one standalone page, Chinese first, in UTF-8."""
    sections = [
        PrintedSection(table, table.name, words_on(document, table.name))
        for table in tables
        if table.name != DELTA_TABLE or document["previous_sha256"] is not None
    ]
    page = TEMPLATES.get_template("edition.html").render(
        office=document["office"],
        district=document["district"],
        number=document["number"],
        cut_off=document["cut_off"],
        kind=KINDS[document["kind"]],
        rule_book=document["rule_book"],
        previous=document["previous_sha256"] or "",
        sections=sections,
        cell=_cell,
        rows=_rows,
    )
    return page.encode()


def words_on(document: Mapping[str, Any], name: str) -> list[Text]:
    """What a list means, does not mean, and what follows from it; editions of before say none."""
    meaning = document.get("meanings", {}).get(name)
    if meaning is None:
        return []
    consequence = meaning["consequence"]
    return [
        Text(**meaning["means"]),
        Text(**meaning["means_not"]),
        NO_CONSEQUENCE if consequence is None else _cited(consequence),
    ]


def _cited(consequence: Mapping[str, Any]) -> Text:
    says, basis = consequence["says"], consequence["basis"]
    if basis is None:
        return Text(f"{says['zh']}（{_PRESET.zh}）", f"{says['en']} ({_PRESET.en})")
    title = f"《{basis['document']}》{basis['number']} {basis['article']}"
    certainty = CERTAINTY_WORDS[basis["certainty"]]
    return Text(
        f"{says['zh']}（{title}，{certainty.zh}）", f"{says['en']} ({title}; {certainty.en})"
    )


def _rows(table: EditionTable) -> Markup:
    """The rows of a table, a line each: a template would take three times as long for them."""
    rows = [
        f"<tr>{''.join([f'<td>{_cell(cell)}</td>' for cell in row])}</tr>\n" for row in table.rows
    ]
    return Markup("".join(rows))  # noqa: S704 - every cell of it is escaped


def _cell(cell: Cell) -> str:
    if isinstance(cell, Text):
        return _both(cell)
    if _MARKING.search(cell):
        return escape(cell)
    return Markup(cell)  # noqa: S704 - there is nothing in it to escape


@lru_cache(maxsize=4096)
def _both(text: Text) -> Markup:
    """Both languages, the second small below the first; one where they do not differ."""
    if text.zh == text.en:
        return escape(text.zh)
    return Markup('{}<br><small lang="en">{}</small>').format(text.zh, text.en)
