"""双公示: which decisions are to be handed in by when, their rows as files, and that they were.

Feewatch hands nothing in itself: an officer takes the file to the credit platform and says so.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.publicity import (
    HEADS,
    PublicityRow,
    Submitter,
    is_owed,
    publicity_row,
)
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import normalise
from feewatch.services.lists.decision_frames import working_days_after
from feewatch.services.people.acting import get_acting
from feewatch.sheets.listing import csv_parts, workbook_parts
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions
from feewatch.store.pages import decisions as pages

#: Who may hand decisions in and say so.
REPORTERS = ("officer", "reviewer", "publisher")
FORMATS = ("csv", "xlsx")
_TERM = "decision_report_days"
_TITLE = "行政处罚信用信息公示"


class WantedReports(NamedTuple):
    """Which decisions: of documents within these days, perhaps only those not handed in."""

    first: Day
    last: Day
    only_open: bool = False


class Reportable(NamedTuple):
    """A decision in force, its row of the form, and by when it is to be handed in."""

    decision: Record
    row: PublicityRow
    due: Day | None  # None: it need not be
    is_overdue: bool


def list_reportable(app: App, scope: Scope, wanted: WantedReports) -> list[Reportable]:
    """The decisions in force of a period, the oldest first."""
    with app.database.reading() as tx:
        rows = pages.list_in_force(tx, scope, wanted.first, wanted.last)
        persons = decisions.find_representatives(tx, {row["uscc"] for row in rows})
    found = [_reportable(app, row, persons.get(row["uscc"], "")) for row in rows]
    return [each for each in found if not wanted.only_open or _is_open(each)]


def list_owed(app: App, scope: Scope) -> list[Reportable]:
    """All decisions that are still to be handed in, the first due first."""
    whole = WantedReports(0, today(), only_open=True)
    return sorted(list_reportable(app, scope, whole), key=lambda each: each.due or 0)


def count_owed(app: App, tx: Transaction, scope: Scope) -> dict[str, int]:
    """How many decisions are still to be handed in, and how many of them are overdue."""
    rows = pages.list_in_force(tx, scope, 0, today())
    days = [due for row in rows if row["reported_on"] is None and (due := _due(app, row))]
    return {
        "reports_owed": len(days),
        "reports_overdue": sum(today() > due for due in days),
    }


def write_form(rows: Sequence[Reportable], form: str) -> Iterator[bytes]:
    """The rows as CSV or XLSX, part by part.

    Raises: InvalidInputError for another format.
    """
    if form not in FORMATS:
        raise InvalidInputError("FORMAT", "应为 csv 或 xlsx", "csv or xlsx is wanted")
    kinds = ["text"] * len(HEADS)
    cells = [each.row.cells for each in rows]
    if form == "csv":
        return csv_parts(HEADS, kinds, cells)  # type: ignore[arg-type]
    return workbook_parts(_TITLE, HEADS, kinds, cells)  # type: ignore[arg-type]


def take_out(
    app: App, scope: Scope, wanted: WantedReports, form: str, *, actor: str
) -> tuple[list[Reportable], Iterator[bytes]]:
    """The decisions of a period and their file; that it was taken out is on record.

    Raises: InvalidInputError, ForbiddenError.
    """
    rows = list_reportable(app, scope, wanted)
    parts = write_form(rows, form)
    with app.database.transaction() as tx:
        get_acting(tx, actor, REPORTERS)
        days = f"{format_day(wanted.first)}..{format_day(wanted.last)}"
        audit.record(tx, actor, "decision.export", days, rows=len(rows), format=form)
    return rows, parts


def mark_reported(app: App, documents: Sequence[str], on: Day, *, actor: str) -> int:
    """How many entries are on record from now on as handed in on a day.

    Raises: NotFoundError, ForbiddenError; InvalidInputError for a day before the decision or
    after today; ConflictError for one that is not in force or was handed in before.
    """
    if not documents:
        raise InvalidInputError("REPORT-NONE", "请选择决定", "choose decisions", field="document")
    marked = 0
    with app.database.transaction() as tx:
        for document in dict.fromkeys(normalise(each) for each in documents):
            rows = [row for row in decisions.list_rows(tx, document, lock=True)
                    if row["status"] == "in_force"]  # fmt: skip
            if not rows:
                raise NotFoundError(
                    "DECISION-UNKNOWN", f"没有生效的决定 {document}", f"{document} is not in force"
                )
            for row in rows:
                get_acting(tx, actor, REPORTERS, row["district"])
                _check_day(row, on)
                decisions.mark_reported(tx, row["id"], on, actor)
                marked += 1
            audit.record(tx, actor, "decision.report", document, on=format_day(on))
    return marked


def report_json(each: Reportable) -> dict[str, Any]:
    """A decision of the form under stable keys."""
    return {
        "document": each.row.document,
        "name": each.decision["name"],
        "due": iso_or_none(each.due),
        "overdue": each.is_overdue,
        "reported_on": iso_or_none(each.decision["reported_on"]),
        "missing": [*each.row.missing],
        "row": dict(zip(HEADS, each.row.cells, strict=True)),
    }


def _check_day(row: Record, on: Day) -> None:
    if not row["decided_on"] <= on <= today():
        raise InvalidInputError(
            "REPORT-DAY",
            "报送日应在决定日期与今天之间",
            "the day lies between the decision and today",
            field="on",
        )
    if row["reported_on"] is not None:
        day = format_day(row["reported_on"])
        raise ConflictError(
            "REPORTED",
            f"{row['document']} 已于 {day} 报送",
            f"{row['document']} was handed in on {day}",
        )


def _reportable(app: App, row: Record, representative: str) -> Reportable:
    decision = decisions.as_decision(row)
    config = app.config
    codes = {normalise(each.name): each.uscc for each in config.publication.authorities}
    codes[normalise(config.office.name)] = config.office.uscc
    code = codes.get(normalise(decision.authority), "")
    source = Submitter(config.office.name, config.office.uscc, code)
    due = _due(app, row)
    is_open = row["reported_on"] is None
    return Reportable(
        row,
        publicity_row(decision, representative, source),
        due,
        is_overdue=due is not None and is_open and today() > due,
    )


def _due(app: App, row: Record) -> Day | None:
    """By when a decision is to be handed in; None where it need not be."""
    if not is_owed(decisions.as_decision(row)):
        return None
    return working_days_after(app, row["decided_on"], _TERM)


def _is_open(each: Reportable) -> bool:
    return each.due is not None and each.decision["reported_on"] is None
