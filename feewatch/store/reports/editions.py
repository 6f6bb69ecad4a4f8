"""Movements of the published lists, as the signed editions of a period tell them."""

import json
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from feewatch.store.pages.scope import within
from feewatch.store.reports.rows import ReportSpan
from feewatch.store.tables.publication import edition


class Movement(NamedTuple):
    """One entry of a delta, or of a list as the last edition has it."""

    district: str
    number: int
    cut_off: int
    list: str
    change: str  # added, removed, changed; standing: on the list in the last edition
    uscc: str
    name: str
    reason: dict[str, str]


def list_movements(tx: Connection, span: ReportSpan) -> list[Movement]:
    """Every change of editions cut off in the period, and who stands on lists at its end."""
    here = within(span.scope, edition.c.district, edition.c.id)
    latest = (
        select(edition.c.district, func.max(edition.c.number).label("number"))
        .where(edition.c.cut_off <= span.last)
        .group_by(edition.c.district)
        .subquery()
    )
    is_last = (latest.c.district == edition.c.district) & (latest.c.number == edition.c.number)
    query = (
        select(edition.c.cut_off, edition.c.document, latest.c.number.label("is_last"))
        .outerjoin(latest, is_last)
        .where(
            here,
            edition.c.cut_off <= span.last,
            (edition.c.cut_off >= span.first) | latest.c.number.is_not(None),
        )
        .order_by(edition.c.district, edition.c.number)
    )
    movements: list[Movement] = []
    for row in tx.execute(query):
        document = json.loads(row.document)
        if row.cut_off >= span.first:
            movements += [_moved(document, row.cut_off, change) for change in document["delta"]]
        if row.is_last is not None:
            movements += [
                _moved(document, row.cut_off, entry | {"list": name, "change": "standing"})
                for name, entries in document["lists"].items()
                for entry in entries
            ]
    return movements


def _moved(document: dict[str, Any], cut_off: int, change: dict[str, Any]) -> Movement:
    reason = change.get("reason")
    return Movement(
        document["district"],
        document["number"],
        cut_off,
        change["list"],
        change["change"],
        change.get("uscc", ""),
        change.get("name", ""),
        reason if isinstance(reason, dict) else {"zh": reason or "", "en": reason or ""},
    )
