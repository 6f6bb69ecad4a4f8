"""Each form of an edition beside the least that its rows cost in that form, by turns.

The least is what bare libraries take to serialise the same rows and hash them, with no word on
what they mean and nothing signed. Processor seconds, as a busy machine meets both alike.
"""

import csv
import html
import io
import json
import statistics
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from feewatch.bench.timing import cpu_seconds_of
from feewatch.bootstrap import open_app
from feewatch.config import Config
from feewatch.kernel.text import Text
from feewatch.publication.columns import list_table, list_tables
from feewatch.publication.feed import MOST_CHANGES, render_feed
from feewatch.publication.page import render_page
from feewatch.publication.rendering import EDITION_FILE, render_csv
from feewatch.publication.signing import PublicKeys, SigningKey, read_public_keys, read_signed
from feewatch.publication.workbook import render_workbook
from feewatch.services.lists.keys import get_signing_key

Document = dict[str, Any]
Rows = list[dict[str, Any]]
#: In the folder of the office: seconds by form, ours and bare, of every turn.
TURNS = "turns.json"
_ROUNDS = 3


class Form(NamedTuple):
    """One form: how it is made here, and the bare library's way."""

    title: Text
    ours: Callable[[Document], object]
    bare: Callable[[Document], object]


#: Every form but the signed document.
FORMS = {
    "csv": Form(
        Text("CSV 文件", "CSV files"),
        lambda document: [
            render_csv(list_table(name, rows)) for name, rows in document["lists"].items()
        ],
        lambda document: [_csv(rows) for rows in document["lists"].values()],
    ),
    "workbook": Form(
        Text("工作簿（XLSX）", "Workbook (XLSX)"),
        lambda document: render_workbook(document, list_tables(document)),
        lambda document: _hash(_workbook(tables_of(document))),
    ),
    "page": Form(
        Text("网页（HTML）", "Page (HTML)"),
        lambda document: render_page(document, list_tables(document)),
        lambda document: _hash(_markup("td", tables_of(document))),
    ),
    "feed": Form(
        Text("Atom 订阅", "Atom feed"),
        render_feed,
        lambda document: _hash(_markup("summary", [document["delta"][:MOST_CHANGES]])),
    ),
}


class Turns(NamedTuple):
    """Medians of processor seconds of a form, and of the ratio of each turn."""

    ours: float
    bare: float
    ratio: float


def documents_of(folder: str) -> Iterator[Document]:
    """The content of every edition, as it was published."""
    for place in sorted((Path(folder) / "var" / "editions").glob("*/latest")):
        yield json.loads((place / EDITION_FILE).read_bytes())


def take_turns(folder: str) -> None:
    """Time every form of all editions of an office by turns; the seconds are left in its folder."""
    key = get_signing_key(open_app(Config(Path(folder))))
    trusted = read_public_keys(key.public_pem)
    path = Path(folder) / "signed.json"
    documents = list(documents_of(folder))
    signed = Form(
        Text("", ""), lambda document: _sign_and_verify(document, key, trusted, path), as_json
    )
    seconds: dict[str, list[tuple[float, float]]] = {}
    for _ in range(_ROUNDS):
        for name, form in {"document": signed, **FORMS}.items():
            pair = _seconds(form.ours, documents), _seconds(form.bare, documents)
            seconds.setdefault(name, []).append(pair)
    (Path(folder) / TURNS).write_text(json.dumps(seconds), encoding="ascii")


def read_turns(folder: str) -> dict[str, Turns]:
    """What ``take_turns`` left, by form."""
    seconds = json.loads((Path(folder) / TURNS).read_text(encoding="ascii"))
    return {
        name: Turns(
            statistics.median(ours for ours, _ in pairs),
            statistics.median(bare for _, bare in pairs),
            statistics.median(ours / bare for ours, bare in pairs),
        )
        for name, pairs in seconds.items()
    }


def _seconds(work: Callable[[Document], object], documents: list[Document]) -> float:
    return cpu_seconds_of(lambda: [work(document) for document in documents])


def _sign_and_verify(document: Document, key: SigningKey, trusted: PublicKeys, path: Path) -> None:
    """The document signed, laid on disk, read again and verified."""
    path.write_bytes(key.sign(document))
    read, fault = read_signed(path.read_bytes(), trusted)
    assert read is not None, fault


def tables_of(document: Document) -> list[Rows]:
    """The rows of an edition, table by table."""
    return [*document["lists"].values(), document["unrated"], document["delta"]]


def serialise_and_hash(folder: str) -> None:
    """The rows of all editions in every form in which they are published, by bare libraries."""
    for document in documents_of(folder):
        as_json(document)
        for form in FORMS.values():
            form.bare(document)


def as_json(document: Document) -> bytes:
    """The hash of a document as JSON."""
    return _hash(json.dumps(document, ensure_ascii=False, sort_keys=True).encode())


def _hash(content: bytes) -> bytes:
    return sha256(content).digest()


def _csv(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([str(cell) for cell in row.values()] for row in rows)
    return _hash(out.getvalue().encode())


def _workbook(tables: list[Rows]) -> bytes:
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "constant_memory": True})
    for rows in tables:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for place, cell in enumerate(row.values()):
                sheet.write_string(line, place, str(cell))
    book.close()
    return out.getvalue()


def _markup(tag: str, tables: list[Rows]) -> bytes:
    """Every cell escaped in an element of its own."""
    return "".join(
        f"<{tag}>{html.escape(str(cell))}</{tag}>"
        for rows in tables
        for row in rows
        for cell in row.values()
    ).encode()
