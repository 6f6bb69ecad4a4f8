"""What public pages say of the latest edition of a district: replaced when a new one stands."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from feewatch.store.once import insert_once
from feewatch.store.tables.publication import edition, posted, posted_district


class PostedHead(NamedTuple):
    """The head of the latest edition of a district, as it is posted."""

    district: str
    number: int
    sha256: str
    content: str
    seal: str
    meanings: str
    meanings_seal: str


class PostedEntry(NamedTuple):
    """One entry of it: ``list`` is empty for one that is not rated."""

    district: str
    number: int
    list: str
    place: int
    uscc: str
    name: str
    content: str
    seal: str


def replace(tx: Connection, head: PostedHead, entries: Sequence[PostedEntry]) -> None:
    """Post an edition of a district in place of the one before; whoever is second does it anew."""
    if not insert_once(tx, posted_district, head._asdict()):
        known = posted_district.c.district == head.district
        tx.execute(update(posted_district).where(known).values(head._asdict()))
    tx.execute(delete(posted).where(posted.c.district == head.district))
    if entries:
        tx.execute(insert(posted), [entry._asdict() for entry in entries])


def list_heads(tx: Connection) -> dict[str, PostedHead]:
    """What is posted of each district."""
    columns = [posted_district.c[name] for name in PostedHead._fields]
    return {row.district: PostedHead(*row) for row in tx.execute(select(*columns))}


def list_numbers(tx: Connection) -> list[tuple[str, int]]:
    """District and number of every edition, in this order."""
    query = select(edition.c.district, edition.c.number)
    ordered = query.order_by(edition.c.district, edition.c.number)
    return [(district, number) for district, number in tx.execute(ordered)]


def list_entries(tx: Connection, district: str) -> list[PostedEntry]:
    """All that is posted of a district, list by list."""
    columns = [posted.c[name] for name in PostedEntry._fields]
    query = select(*columns).where(posted.c.district == district)
    return [PostedEntry(*row) for row in tx.execute(query.order_by(posted.c.list, posted.c.place))]
