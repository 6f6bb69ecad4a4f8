"""The latest edition of each district, posted row by row for the public's pages.

Written in the transaction that publishes, so that a page reads a row in place of a document of all
entries. Each row is sealed by a key of the installation: one that somebody else wrote, or moved
to another place, is not shown. The signed edition stays decisive; the doctor compares the two.
"""

import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.text import normalise
from feewatch.services.lists.proven import SpoiltEditionError, proven_document
from feewatch.store.database import Transaction
from feewatch.store.lists import posted
from feewatch.store.lists.posted import PostedEntry, PostedHead
from feewatch.store.pages import PageRow, editions

#: Under this name stand those that are not rated.
UNLISTED = ""
_write_sealed = json.JSONEncoder(ensure_ascii=False).encode
_write_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_NAME_LONGEST = 220


class Sealer:
    """Seals rows, and tells whether a row has its seal."""

    def __init__(self, app: App) -> None:
        self._key = hmac.digest(app.secret("session"), b"posted for the public", "sha256")

    def seal(self, *parts: object) -> str:
        """The seal of these values, in this order."""
        content = _write_sealed([str(part) for part in parts])
        return hmac.digest(self._key, content.encode(), "sha256").hex()

    def is_sound(self, seal: str, *parts: object) -> bool:
        """Whether a seal is that of these values."""
        return hmac.compare_digest(seal, self.seal(*parts))


def post_new(app: App, tx: Transaction, document: dict[str, Any]) -> None:
    """Post an edition that this transaction has signed and put on record."""
    row = editions.find_edition(tx, document["district"])
    assert row is not None
    assert row.number == document["number"]
    posted.replace(tx, *_rows(Sealer(app), row, document))


def post_latest(app: App, tx: Transaction, district: str) -> None:
    """Post the latest edition of a district, whoever put it on record.

    Raises: SpoiltEditionError where it is not what the office signed.
    """
    row = editions.find_edition(tx, district)
    if row is not None:
        posted.replace(tx, *_rows(Sealer(app), row, proven_document(app, row)))


def fill(app: App) -> None:
    """Post what is not posted: after an upgrade, or where the keys are others than before."""
    with app.database.reading() as tx:
        latest, heads = dict(posted.list_numbers(tx)), posted.list_heads(tx)
    sealer = Sealer(app)
    for district, number in latest.items():
        head = heads.get(district)
        if head is None or head.number != number or not _is_own(sealer, head):
            with suppress(SpoiltEditionError), app.database.transaction() as tx:
                post_latest(app, tx, district)


def fill_anew(app: App) -> None:
    """Post the latest edition of every district anew, whatever is posted."""
    with app.database.reading() as tx:
        districts = editions.list_districts(tx)
    for district in districts:
        with suppress(SpoiltEditionError), app.database.transaction() as tx:
            post_latest(app, tx, district)


def list_wrong(app: App) -> list[str]:
    """Districts of which something else is posted than their latest edition says.

    Nothing without the key of the seals: that it is missing is a complaint of its own.
    """
    try:
        sealer = Sealer(app)
    except UnavailableError:
        return []
    wrong = []
    with app.database.reading() as tx:
        for district in editions.list_districts(tx):
            row = editions.find_edition(tx, district)
            with suppress(SpoiltEditionError):  # that it is spoilt is said elsewhere
                assert row is not None  # it has an edition
                head, entries = _rows(sealer, row, proven_document(app, row))
                known = posted.list_heads(tx).get(district)
                if known != head or posted.list_entries(tx, district) != sorted(entries, key=_turn):
                    wrong.append(district)
    return wrong


def _turn(entry: PostedEntry) -> tuple[str, int]:
    return entry.list, entry.place


def _is_own(sealer: Sealer, head: PostedHead) -> bool:
    """Whether a head was sealed by this installation, the whole of it."""
    return sealer.is_sound(
        head.seal, head.district, head.number, head.sha256, head.content
    ) and sealer.is_sound(head.meanings_seal, head.district, head.number, head.meanings)


def _rows(
    sealer: Sealer, row: PageRow, document: dict[str, Any]
) -> tuple[PostedHead, list[PostedEntry]]:
    """The head of an edition and its entries, as they are posted."""
    place = row.district, row.number
    content = _write_json(
        {
            "office": document["office"],
            "cut_off": row.cut_off,
            "published_at": row.published_at,
            "counts": {name: len(entries) for name, entries in document["lists"].items()},
            "unrated": len(document["unrated"]),
        }
    )
    meanings = _write_json(document.get("meanings", {}))
    head = PostedHead(
        *place, row.sha256, content, sealer.seal(*place, row.sha256, content),
        meanings, sealer.seal(*place, meanings),
    )  # fmt: skip
    return head, list(_entries(sealer, place, document))


def _entries(
    sealer: Sealer, where: tuple[str, int], document: dict[str, Any]
) -> Iterator[PostedEntry]:
    for name, entries in {**document["lists"], UNLISTED: document["unrated"]}.items():
        for place, entry in enumerate(entries):
            content = _write_json(entry)
            code, searched = entry["uscc"], normalise(entry["name"]).upper()[:_NAME_LONGEST]
            seal = sealer.seal(*where, name, place, code, searched, content)
            yield PostedEntry(*where, name, place, code, searched, content, seal)
