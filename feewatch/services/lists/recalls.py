"""Errors on a published list: recalled with a reason, out within a day by a correction edition.

What a decision that fell leaves on a list is put down here too, with the same deadline.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.decisions import ENDINGS, Decision
from feewatch.kernel.clock import now, timestamp, today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError, Refusal
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.publication.chain import ChainEntry
from feewatch.publication.choice import existing_lists, leaving
from feewatch.publication.edition import Entry, key_of
from feewatch.services.check.rulebook import rule_book_version
from feewatch.services.lists.decided_entries import (
    DecidedEntries,
    list_decided_entries,
    list_known_decisions,
)
from feewatch.services.lists.decisions import end_decision
from feewatch.services.lists.material import lists_of, read_presets
from feewatch.services.lists.press import Published
from feewatch.services.lists.publication import PUBLISHERS, Version, publish_corrections
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, editions, recalls
from feewatch.store.lists.editions import Edition

#: Endings of a decision by which it should not stand as it was published.
_FALLS = frozenset(ENDINGS) - {"repaired"}
_SHOWN = 200


class Corrected(NamedTuple):
    """What was put on record, and what a correction edition made of it at once."""

    published: list[Published]
    #: Why it could not be published at once; the clock tries again each hour.
    delayed: Text | None

    def as_json(self) -> dict[str, Any]:
        """The form in which programs are told."""
        return {
            "published": [edition.as_json() for edition in self.published],
            "delayed": None if self.delayed is None else self.delayed._asdict(),
        }


class Fall(NamedTuple):
    """An entry of a latest edition whose decision is none any more."""

    head: ChainEntry
    list: str
    uscc: str
    name: str
    document: str


class Deadline(NamedTuple):
    """A recall and how it stands to its deadline."""

    row: Record
    is_open: bool
    is_overdue: bool


def recall_entry(
    app: App,
    district: str,
    list_name: str,
    who: str,
    *,
    actor: str,
    reason: str,
    document: str = "",
    rule_book: Version = rule_book_version,
) -> Corrected:
    """Take an entry of the latest edition back that stands there in error, and publish at once.

    ``who``: credit code, or the name of an entry without. ``document``: where several name them.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, PUBLISHERS, district)
        latest = _latest(tx, district)
        entry = _find_entry(latest, list_name, who, document)
        values = {"uscc": entry["uscc"], "name": entry["name"]}
        values["document"] = entry.get("document", "")
        _put_down(app, tx, latest, list_name, values, "recall", reason, actor)
    return _correct(app, [district], actor, rule_book)


def recall_edition(
    app: App,
    district: str,
    number: int,
    *,
    actor: str,
    reason: str,
    rule_book: Version = rule_book_version,
) -> Corrected:
    """Take the latest edition of a district back: the one before it is put in its place again.

    Raises: NotFoundError, ConflictError for another than the latest, ForbiddenError,
    InvalidInputError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, PUBLISHERS, district)
        latest = _latest(tx, district)
        if latest.number != number:
            raise ConflictError(
                "RECALL-LATEST",
                f"只能撤回最新一期（第 {latest.number} 期）",
                f"only the latest edition can be recalled (no. {latest.number})",
            )
        values = {"uscc": "", "name": "", "document": ""}
        _put_down(app, tx, latest, "", values, "recall", reason, actor)
    return _correct(app, [district], actor, rule_book)


def lift_recall(app: App, key: int, *, actor: str, reason: str) -> Record:
    """Let a recalled entry be listed again, from the next edition on, by another person's word.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row = recalls.find(tx, key)
        if row is None:
            raise NotFoundError("RECALL-UNKNOWN", f"没有撤回 {key}", f"no recall {key}")
        get_acting(tx, actor, PUBLISHERS, row["district"])
        if row["cause"] != "recall" or not row["list"]:
            raise ConflictError(
                "RECALL-FINAL", "只有单条撤回可以解除", "only the recall of an entry can be lifted"
            )
        if row["actor"] == actor:
            raise ForbiddenError(
                "RECALL-SAME",
                "撤回须由另一人解除",
                "a recall is lifted by another person than who made it",
            )
        recalls.lift(tx, key, actor, reason)
        audit.record(tx, actor=actor, action="recall.lift", object=_object(row), reason=reason)
    return row


def end_and_correct(
    app: App,
    document: str,
    status: str,
    *,
    on: Day,
    reason: str,
    actor: str,
    repair_number: str = "",
    rule_book: Version = rule_book_version,
) -> tuple[list[Decision], Corrected]:
    """Let the decisions of a document end, and publish without them at once.

    Raises: as ``end_decision``.
    """
    ended = end_decision(
        app, document, status, on=on, reason=reason, actor=actor, repair_number=repair_number
    )
    places = sorted({decision.district for decision in ended})
    note_falls(app, places)
    return ended, _correct(app, places, actor, rule_book)


def note_falls(app: App, districts: Collection[str] | None = None) -> None:
    """Put down, once, the entries of latest editions whose decision fell, with their deadline."""
    with app.database.reading() as tx:  # mostly nothing fell, and nobody waits for a look
        key = ("falls", today(), tuple(app.config.publication.list_basis))
        taken = list_known_decisions(app.database, tx)
        is_any = app.database.kept.within(tx).answer(key, lambda: bool(_falls(app, tx, taken)))
    if not is_any:
        return
    with app.database.transaction() as tx:
        for fall in _falls(app, tx, decisions.list_decisions(tx)):
            if districts is None or fall.head.district in districts:
                values = {"uscc": fall.uscc, "name": fall.name, "document": fall.document}
                why = decisions.find_fall(tx, fall.document)
                _put_down(app, tx, fall.head, fall.list, values, "decision", *why)


def _falls(app: App, tx: Transaction, taken: Collection[Decision]) -> list[Fall]:
    """The entries whose decision fell, but for those that are put down already."""
    fallen = {each.document for each in taken if each.status in _FALLS}
    if not fallen:
        return []
    known = {
        (row["district"], row["edition_number"], row["list"], row["uscc"], row["name"],
         row["document"])
        for row in recalls.list_standing(tx)
    }  # fmt: skip
    return [
        fall
        for entries in list_decided_entries(app.database, tx)
        for fall in _fallen_entries(app, entries, taken)
        if fall.document in fallen
        and (fall.head.district, fall.head.number, *fall[1:]) not in known
    ]


def list_deadlines(app: App, scope: Scope) -> list[Deadline]:
    """Recalls in scope with their deadlines: those that wait first, then the latest."""
    with app.database.reading() as tx:
        rows = recalls.list_recalls(tx, scope, limit=_SHOWN)
    moment = timestamp()
    opened = [row["done_number"] is None and row["lifted_at"] is None for row in rows]
    return [
        Deadline(row, is_open, is_open and row["due_at"] < moment)
        for row, is_open in zip(rows, opened, strict=True)
    ]


def _correct(app: App, districts: Collection[str], actor: str, rule_book: Version) -> Corrected:
    """The act stands on record whatever keeps its edition from being published."""
    try:
        published = publish_corrections(app, actor=actor, districts=districts, rule_book=rule_book)
    except Refusal as refusal:
        return Corrected([], refusal.text)
    held = [text for edition in published for text in edition.held]
    return Corrected(published, held[0] if held else None)


def _latest(tx: Transaction, district: str) -> Edition:
    latest = editions.find_latest(tx, district)
    if latest is None:
        raise NotFoundError(
            "EDITION-UNKNOWN", f"{district} 尚未发布", f"{district} has published nothing"
        )
    return latest


def _find_entry(latest: Edition, list_name: str, who: str, document: str) -> Entry:
    entries = [
        entry
        for entry in lists_of(latest).get(list_name, [])
        if who in (entry["uscc"] or entry["name"], entry["name"])
        and document in ("", entry.get("document", ""))
    ]
    if not entries:
        raise NotFoundError(
            "ENTRY-UNKNOWN",
            f"第 {latest.number} 期的 {list_name} 中没有 {who}",
            f"edition {latest.number} has no {who} on {list_name}",
        )
    if len({key_of(entry) for entry in entries}) > 1:
        raise ConflictError(
            "ENTRY-MANY",
            f"{list_name} 中有多条 {who}，请指明文号",
            f"several entries of {list_name} name {who}: say which document",
        )
    return entries[0]


def _put_down(
    app: App,
    tx: Transaction,
    latest: Edition | ChainEntry,
    list_name: str,
    values: dict[str, str],
    cause: str,
    reason: str,
    actor: str,
    at: str = "",
) -> None:
    begun = dt.datetime.fromisoformat(at) if at else now()
    hours = read_presets(app, today()).correction_hours
    row = {
        "district": latest.district, "edition_number": latest.number, "list": list_name, **values,
        "cause": cause, "reason": reason, "actor": actor,
        "due_at": (begun + dt.timedelta(hours=hours)).isoformat(timespec="seconds"),
    }  # fmt: skip
    recalls.add(tx, row)
    audit.record(tx, actor=actor, action=f"recall.{cause}", object=_object(row), reason=reason)


def _object(row: Record | dict[str, object]) -> str:
    whom = f"/{row['list']}/{row['uscc'] or row['name']}" if row["list"] else ""
    return f"{row['district']}/{row['edition_number']}{whom}"


def _fallen_entries(app: App, entries: DecidedEntries, taken: Collection[Decision]) -> list[Fall]:
    head = entries.head
    own = [decision for decision in taken if decision.district == head.district]
    existing = existing_lists(app.config.publication.list_basis, head.district)
    gone = leaving(entries.lists, own, existing, max(today(), head.cut_off))
    return [
        Fall(head, name, entry["uscc"], entry["name"], entry["document"])
        for name, listed in entries.lists.items()
        for entry in listed
        if (name, key_of(entry)) in gone
    ]


def deadline_json(deadline: Deadline) -> dict[str, Any]:
    """A recall under stable keys."""
    names = ("id", "district", "edition_number", "list", "uscc", "name", "document", "cause",
             "reason", "actor", "at", "due_at", "done_number", "done_at", "lifted_by",
             "lifted_at")  # fmt: skip
    row = deadline.row
    return {name: row[name] for name in names} | {
        "open": deadline.is_open,
        "overdue": deadline.is_overdue,
    }
