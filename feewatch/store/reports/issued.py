"""Reports that were issued, within a scope. Rows are added and never changed."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRows
from feewatch.store.pages.scope import within
from feewatch.store.reports.rows import ReportSpan
from feewatch.store.tables.reports import issued_report


def add_issued(
    tx: Connection, span: ReportSpan, *, content: str, content_sha256: str, sha256: str, actor: str
) -> int:
    """The key of a report that was issued now."""
    row = {
        "district": span.scope.district,
        "from_day": span.first,
        "to_day": span.last,
        "content": content,
        "content_sha256": content_sha256,
        "sha256": sha256,
        "issued_by": actor,
        "issued_at": timestamp(),
    }
    key: int = tx.execute(insert(issued_report).returning(issued_report.c.id), row).scalar_one()
    return key


def list_issued(tx: Connection, scope: Scope, *, limit: int) -> PageRows:
    """Reports of places within the scope, the last issued first."""
    query = select(issued_report).where(_here(scope)).order_by(issued_report.c.id.desc())
    return tx.execute(query.limit(limit)).all()


def find_issued(tx: Connection, scope: Scope, key: int) -> Row[Any] | None:
    """One of them by its key."""
    query = select(issued_report).where(_here(scope), issued_report.c.id == key)
    return tx.execute(query).one_or_none()


def find_latest(tx: Connection, span: ReportSpan) -> Row[Any] | None:
    """The last report issued of the same place from the same day on."""
    query = select(issued_report).where(
        issued_report.c.district == span.scope.district,
        issued_report.c.from_day == span.first,
    )
    return tx.execute(query.order_by(issued_report.c.id.desc()).limit(1)).one_or_none()


def _here(scope: Scope) -> Any:
    return within(scope, issued_report.c.district, issued_report.c.id)
