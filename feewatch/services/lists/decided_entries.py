"""What rests on decisions in the latest editions: read once an edition, as none ever changes.

Schedulers look after it every hour, and mostly nothing has to leave: the whole documents, in which
white places are the most, are not read again for that.
"""

from typing import NamedTuple

from feewatch.credit.decisions import Decision
from feewatch.publication.chain import ChainEntry
from feewatch.publication.edition import Lists
from feewatch.services.lists.material import lists_of
from feewatch.store.database import Database, Transaction
from feewatch.store.lists import decisions, editions
from feewatch.store.lists.editions import Edition

#: Under this name a process keeps the entries, whatever else is written meanwhile.
_KEY = ("decided entries",)


class DecidedEntries(NamedTuple):
    """The latest edition of a district with its entries that rest on decisions, by list."""

    head: ChainEntry
    lists: Lists  # not to be changed


def decided_of(edition: Edition) -> Lists:
    """The entries of an edition that rest on decisions, by list."""
    return {
        name: [entry for entry in entries if "document" in entry]
        for name, entries in lists_of(edition).items()
    }


def list_decided_entries(database: Database, tx: Transaction) -> list[DecidedEntries]:
    """Those of the latest edition of every district, by district."""
    heads = editions.list_latest_heads(tx)
    kept = database.kept.find(_KEY, None)
    known: dict[str, Lists] = kept[0] if kept else {}
    fresh = [head.sha256 for head in heads if head.sha256 not in known]
    if fresh:
        read = {each.sha256: decided_of(each) for each in editions.list_hashed(tx, fresh)}
        known = {head.sha256: (known | read)[head.sha256] for head in heads}
        database.kept.put(_KEY, None, known)
    return [DecidedEntries(head, known[head.sha256]) for head in heads]


def list_known_decisions(database: Database, tx: Transaction) -> list[Decision]:
    """All decisions that three persons made, as ``reading`` sees them; not to be changed."""
    return database.kept.within(tx).answer(("all decisions",), lambda: decisions.list_decisions(tx))
