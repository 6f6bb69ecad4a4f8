"""Editions of other offices in the database: added once a number, entries of the newest alone."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.publication.signing import canonical, sha256
from feewatch.store.once import insert_once
from feewatch.store.tables.gathered import (
    gathered_edition,
    gathered_entry,
    gathered_source,
    gathering_refusal,
)

#: Names longer than a row has room for stand whole in the entry's content.
_NAME_MAX = 220


class RefusedThing(NamedTuple):
    """What of a source was refused, and why."""

    code: str
    file: str
    fault: Text
    number: int | None = None
    sha256: str | None = None

    @property
    def digest(self) -> str:
        """By what the same thing is known again."""
        words = [self.code, self.file, self.fault.zh, str(self.number or ""), self.sha256 or ""]
        return sha256(canonical(words))


def list_hashes(tx: Connection, district: str) -> dict[int, str]:
    """The hash of each edition of a source that was gathered, by number."""
    known = gathered_edition.c
    query = select(known.number, known.sha256).where(known.district == district)
    return {row.number: row.sha256 for row in tx.execute(query.order_by(known.number))}


def add_edition(
    tx: Connection, document: Mapping[str, Any], *, cut_off: Day, hashed: str, key_ids: list[str]
) -> bool:
    """Whether an edition was added; its entries stand in place of those of the one before."""
    values = {
        "district": document["district"], "number": document["number"], "kind": document["kind"],
        "office": document["office"], "cut_off": cut_off, "sha256": hashed,
        "previous_sha256": document["previous_sha256"], "rule_book": document["rule_book"],
        "counts": document["counts"], "key_ids": key_ids, "gathered_at": timestamp(),
    }  # fmt: skip
    if not insert_once(tx, gathered_edition, values):
        return False
    tx.execute(delete(gathered_entry).where(gathered_entry.c.district == document["district"]))
    rows = [
        {
            "district": document["district"], "number": document["number"], "list": name,
            "place": place, "uscc": entry["uscc"], "name": entry["name"][:_NAME_MAX],
            "content": entry,
        }
        for name, entries in {**document["lists"], "": document["unrated"]}.items()
        for place, entry in enumerate(entries)
    ]  # fmt: skip
    if rows:
        tx.execute(insert(gathered_entry), rows)
    return True


def note_valid(tx: Connection, district: str, fresh_until: Day) -> None:
    """Keep that all a source gave was valid now."""
    moment = timestamp()
    values = {
        "tried_at": moment, "valid_at": moment, "fresh_until": fresh_until, "code": None,
        "fault": None, "failing_since": None,
    }  # fmt: skip
    _set(tx, district, values)


def note_failing(tx: Connection, district: str, refused: RefusedThing) -> bool:
    """Whether this was refused for the first time; the source is failing from then on."""
    moment = timestamp()
    since = tx.scalar(
        select(gathered_source.c.failing_since).where(gathered_source.c.district == district)
    )
    fault = refused.fault._asdict()
    values = {
        "tried_at": moment, "code": refused.code, "fault": fault, "failing_since": since or moment,
    }  # fmt: skip
    _set(tx, district, values)
    row = {
        "district": district, "digest": refused.digest, "number": refused.number,
        "code": refused.code, "file": refused.file, "fault": fault, "sha256": refused.sha256,
        "first_at": moment, "last_at": moment, "times": 1,
    }  # fmt: skip
    if insert_once(tx, gathering_refusal, row):
        return True
    known = gathering_refusal.c
    tx.execute(
        update(gathering_refusal)
        .where(known.district == district, known.digest == refused.digest)
        .values(last_at=moment, times=known.times + 1)
    )
    return False


def _set(tx: Connection, district: str, values: Mapping[str, Any]) -> None:
    if not insert_once(tx, gathered_source, {"district": district, **values}):
        tx.execute(
            update(gathered_source).where(gathered_source.c.district == district).values(**values)
        )
