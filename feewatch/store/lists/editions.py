"""Editions in the database: added once, never changed. The signed bytes are kept as they are."""

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, tuple_

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.publication.chain import ChainEntry
from feewatch.store.lists.outbox import wake
from feewatch.store.once import insert_once
from feewatch.store.tables.publication import edition, outbox


class Edition(NamedTuple):
    """A published edition; ``document`` is the signed JSON as it was published."""

    id: int
    district: str
    number: int
    cut_off: Day
    sha256: str
    content_sha256: str
    document: str

    def read(self) -> dict[str, Any]:
        """The document's content."""
        content: dict[str, Any] = json.loads(self.document)
        return content


_COLUMNS = [edition.c[name] for name in Edition._fields]
_NEWEST = select(edition.c.district, func.max(edition.c.number)).group_by(edition.c.district)
_HEADS = select(*(edition.c[name] for name in ChainEntry._fields))
#: Built once: every look of a scheduler asks.
_LATEST_HEADS = _HEADS.where(tuple_(edition.c.district, edition.c.number).in_(_NEWEST))
_LATEST_HEADS = _LATEST_HEADS.order_by(edition.c.district)


def list_districts(tx: Connection) -> list[str]:
    """Districts with an edition."""
    return sorted(tx.scalars(select(edition.c.district).distinct()))


def find_latest(tx: Connection, district: str) -> Edition | None:
    """The latest edition of a district."""
    return _find(tx, edition.c.district == district)


def find_of_cut_off(tx: Connection, district: str, cut_off: Day) -> Edition | None:
    """The latest edition of a district with this cut-off."""
    return _find(tx, edition.c.district == district, edition.c.cut_off == cut_off)


def list_latest(tx: Connection, district: str | None = None) -> dict[str, Edition]:
    """The latest edition of every district, or of one, by district."""
    newest = _NEWEST
    if district is not None:
        newest = newest.where(edition.c.district == district)
    query = select(*_COLUMNS).where(tuple_(edition.c.district, edition.c.number).in_(newest))
    return {row.district: Edition(*row) for row in tx.execute(query)}


def list_editions(tx: Connection, district: str) -> list[Edition]:
    """All editions of a district in order."""
    rows = tx.execute(
        select(*_COLUMNS).where(edition.c.district == district).order_by(edition.c.number)
    )
    return [Edition(*row) for row in rows]


def list_heads(tx: Connection, district: str | None = None) -> list[ChainEntry]:
    """Number, cut-off and hash of the editions of a district, or of all, as they were published."""
    query = _HEADS
    if district is not None:
        query = query.where(edition.c.district == district)
    return [ChainEntry(*row) for row in tx.execute(query.order_by(edition.c.id))]


def list_latest_heads(tx: Connection) -> list[ChainEntry]:
    """Number, cut-off and hash of the latest edition of every district."""
    return [ChainEntry(*row) for row in tx.execute(_LATEST_HEADS)]


def list_hashed(tx: Connection, hashes: Collection[str]) -> list[Edition]:
    """The editions with these hashes, in no order."""
    query = select(*_COLUMNS).where(edition.c.sha256.in_(hashes))
    return [Edition(*row) for row in tx.execute(query)]


def get_edition(tx: Connection, district: str, number: int) -> Edition:
    """One edition that is known to exist."""
    edition_row = _find(tx, edition.c.district == district, edition.c.number == number)
    assert edition_row is not None
    return edition_row


def add(
    tx: Connection,
    content: dict[str, Any],
    signed: bytes,
    *,
    cut_off: Day,
    sha256: str,
    content_sha256: str,
    published_by: str,
    subscribers: Collection[str],
) -> bool:
    """Add an edition and what its subscribers are owed; False where its number is taken."""
    values = {
        "district": content["district"],
        "number": content["number"],
        "cut_off": cut_off,
        "sha256": sha256,
        "previous_sha256": content["previous_sha256"],
        "content_sha256": content_sha256,
        "rule_book": content["rule_book"],
        "counts": content["counts"],
        "document": signed.decode(),
        "published_at": timestamp(),
        "published_by": published_by,
    }
    if not insert_once(tx, edition, values):
        return False
    key = get_edition(tx, content["district"], content["number"]).id
    waiting = [
        {
            "edition_id": key,
            "subscriber": name,
            "status": "waiting",
            "attempts": 0,
            "next_try_at": timestamp(),
        }
        for name in subscribers
    ]
    if waiting:
        wake(tx, content["district"], subscribers)
        tx.execute(insert(outbox), waiting)
    return True


def _find(tx: Connection, *conditions: Any) -> Edition | None:
    row = tx.execute(
        select(*_COLUMNS).where(*conditions).order_by(edition.c.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Edition(*row)
