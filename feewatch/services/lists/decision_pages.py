"""Decisions as people and scripts read them: lists, and one document with all that became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.intake.proofs import load_proof
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.database import Record
from feewatch.store.lists import decisions, objections
from feewatch.store.pages import decisions as pages

_DAYS = ("decided_on", "notice_served_on", "objection_until", "publish_from", "last_day",
         "earliest_repair", "ended_on")  # fmt: skip
_TEXTS = ("id", "list", "uscc", "premises_no", "name", "district", "document", "authority", "basis",
          "sanctions", "reason", "why_necessary", "imported", "status", "proposed_by",
          "reviewed_by", "approved_by", "repair_number", "file_name", "file_sha256")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """One entry of a document with its history and the correction that waits."""

    decision: Record
    events: Sequence[Record]
    correction: Record | None


def list_page(app: App, scope: Scope, status: str, number: int) -> Page:
    """One page of decisions, those that wait first."""
    with app.database.reading() as tx:
        start = (number - 1) * PAGE_SIZE
        rows = pages.list_decisions(tx, scope, status=status, limit=PAGE_SIZE, offset=start)
        return Page(rows, pages.count_decisions(tx, scope, status=status), number)


def list_decisions(app: App, scope: Scope, *, status: str) -> list[dict[str, Any]]:
    """All decisions in scope under stable keys."""
    with app.database.reading() as tx:
        return [
            decision_json(row._mapping) for row in pages.list_decisions(tx, scope, status=status)
        ]


def get_files(app: App, scope: Scope, document: str) -> list[DecisionFile]:
    """All entries of a document, the latest first.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        seen = {row.id for row in pages.list_decisions(tx, scope, document=document)}
        rows = [row for row in decisions.list_rows(tx, document) if row["id"] in seen]
        if not rows:
            raise NotFoundError(
                "DECISION-UNKNOWN", f"没有决定 {document}", f"no decision {document}"
            )
        return [
            DecisionFile(
                row,
                decisions.list_events(tx, row["id"]),
                decisions.find_open_correction(tx, row["id"]),
            )
            for row in reversed(rows)
        ]


def find_key(app: App, document: str) -> int | None:
    """The key of the latest entry of a document on record."""
    with app.database.reading() as tx:
        rows = decisions.list_rows(tx, document)
    return int(rows[-1]["id"]) if rows else None


def find_last_correction(app: App, key: int) -> int:
    """The key of the last correction of a decision.

    Raises: NotFoundError.
    """
    with app.database.reading() as tx:
        rows = objections.list_corrections(tx, key)
    if not rows:
        raise NotFoundError("CORRECTION-UNKNOWN", "没有更正", "there is no correction")
    return int(rows[-1]["id"])


def get_files_of(app: App, scope: Scope, key: int) -> list[DecisionFile]:
    """All entries of the document to which a row belongs, the latest first.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        document = decisions.find_document(tx, key)
    return get_files(app, scope, document or str(key))


def get_paper(app: App, scope: Scope, key: int, paper: str) -> tuple[str, bytes, str]:
    """Name, bytes and media type of a decision's document or of the record of its notice.

    Raises: NotFoundError, UnavailableError.
    """
    row = get_files_of(app, scope, key)[0].decision
    column = "file" if paper == "document" else "notice"
    sha256 = row[f"{column}_sha256"]
    if sha256 is None:
        raise NotFoundError("PAPER-UNKNOWN", "没有附件", "there is no such file")
    content, media = load_proof(app, sha256)
    return row[f"{column}_name"], content, media


def get_decisions(app: App, scope: Scope, document: str) -> list[dict[str, Any]]:
    """All entries of a document with their history, under stable keys.

    Raises: NotFoundError.
    """
    names = ("at", "actor", "change", "reason", "detail")
    return [
        decision_json(file.decision)
        | {"history": [{name: event[name] for name in names} for event in file.events]}
        for file in get_files(app, scope, document)
    ]


def decision_json(row: Any) -> dict[str, Any]:
    """A decision under stable keys."""
    return (
        {name: row[name] for name in _TEXTS}
        | {name: iso_or_none(row[name]) for name in _DAYS}
        | {"class": row["gravity"]}
    )
