"""A report is issued: its document and figures are kept as they were, by whom and when on record.

What the data tell of the same period later is set beside it, figure by figure.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.kernel.people import DECIDERS, Scope
from feewatch.kernel.text import Text
from feewatch.services.intake import rawfiles
from feewatch.services.people.acting import get_acting
from feewatch.services.reports.period import PeriodReport, ReportPeriod, read_report
from feewatch.services.reports.period_document import report_document
from feewatch.services.reports.period_json import report_json
from feewatch.store import audit
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.reports import issued

#: As many issued reports as a page shows.
MOST = 50


@dataclass(frozen=True)
class Difference:
    """A figure that the data tell otherwise than the report that was issued."""

    figure: str
    title: Text
    unit: str
    issued: int | str | None
    now: int | str | None


def issue_report(app: App, period: ReportPeriod, *, actor: str) -> int:
    """The key of the report that was issued.

    Raises: ForbiddenError; ConflictError where the last one of the period says the same.
    """
    with app.database.reading() as tx:
        get_acting(tx, actor, DECIDERS)
    report = read_report(app, period)
    content = _canonical(app, report)
    content_sha256 = hashlib.sha256(content.encode()).hexdigest()
    config = app.config
    document = report_document(report, config.office.name, config.places, today())
    sha256 = hashlib.sha256(document).hexdigest()
    rawfiles.keep(app, sha256, document)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, DECIDERS)
        if not person.scope.sees(period.scope.district, None):
            raise _unknown(period.scope.district)
        latest = issued.find_latest(tx, period.span)
        if latest is not None and latest.content_sha256 == content_sha256:
            raise ConflictError(
                "REPORT-ISSUED",
                "该期通报已出具，数据没有变化",
                "this report was issued, and the data tell the same since",
            )
        key = issued.add_issued(
            tx,
            period.span,
            content=content,
            content_sha256=content_sha256,
            sha256=sha256,
            actor=person.name,
        )
        detail = {
            "from": format_day(period.first),
            "to": format_day(period.last),
            "district": period.scope.district,
            "sha256": sha256,
        }
        name = f"report {key}"
        audit.record(tx, actor=person.name, action="report.issue", object=name, detail=detail)
    return key


def list_issued(app: App, scope: Scope) -> PageRows:
    """The reports issued of places within the scope, the last first."""
    with app.database.reading() as tx:
        return issued.list_issued(tx, scope, limit=MOST)


def load_issued(app: App, scope: Scope, key: int) -> tuple[PageRow, bytes]:
    """A report that was issued and its document, which still has its hash.

    Raises: NotFoundError, also outside the scope; UnavailableError where the file is gone.
    """
    with app.database.reading() as tx:
        row = issued.find_issued(tx, scope, key)
    if row is None:
        raise _unknown(str(key))
    return row, rawfiles.load_bytes(app, row.sha256)


@dataclass(frozen=True)
class IssuedBefore:
    """The last report issued of a period, and what the data now tell otherwise."""

    row: PageRow
    differences: tuple[Difference, ...]


def compare_with_issued(app: App, report: PeriodReport) -> IssuedBefore | None:
    """What has changed since the report of the same period was issued; None where none was."""
    with app.database.reading() as tx:
        row = issued.find_latest(tx, report.period.span)
    if row is None:
        return None
    then = {each["figure"]: each for each in json.loads(row.content)["figures"]}
    now = {each["figure"]: each for each in json.loads(_canonical(app, report))["figures"]}
    differences = [
        Difference(key, Text(**told["title"]), told["unit"], _value(then, key), _value(now, key))
        for key, told in {**then, **now}.items()
        if _value(then, key) != _value(now, key)
    ]
    return IssuedBefore(row, tuple(differences))


def _value(figures: dict[str, Any], key: str) -> int | str | None:
    """A part that one of the two does not have counts nothing there."""
    value: int | str | None = figures[key]["value"] if key in figures else 0
    return value


def _canonical(app: App, report: PeriodReport) -> str:
    content = report_json(report, app.config.office.name, app.config.places)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _unknown(name: str) -> NotFoundError:
    return NotFoundError("REPORT-UNKNOWN", f"没有通报 {name}", f"no report {name}")
