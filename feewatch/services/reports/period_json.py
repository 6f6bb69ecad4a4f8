"""The report of a period for scripts, and the rows behind a figure."""

from collections.abc import Mapping
from typing import Any

from feewatch.kernel.days import format_day
from feewatch.services.reports.labels import title_of
from feewatch.services.reports.period import FigureValue, PeriodReport, ReportPeriod, TracedRow
from feewatch.services.reports.wording import write_report


def report_json(report: PeriodReport, office: str, places: Mapping[str, str]) -> dict[str, Any]:
    """Every figure with its id, value, unit, what it counts in words, and how many rows."""
    return {
        "office": office,
        "district": report.period.scope.district,
        **_days(report.period),
        "compared_with": _days(report.before),
        "text": [
            {"section": section.title._asdict(), **section.text._asdict()}
            for section in write_report(report, places)
        ],
        "figures": [_figure(each, places) for each in report.figures.values()],
    }


def _days(period: ReportPeriod) -> dict[str, str]:
    return {"from": format_day(period.first), "to": format_day(period.last)}


def _figure(figure: FigureValue, places: Mapping[str, str]) -> dict[str, Any]:
    return {
        "figure": figure.kind.id,
        "section": figure.kind.section,
        "title": title_of(figure.kind, places)._asdict(),
        "value": figure.value,
        "unit": figure.kind.unit,
        "before": figure.before,
        "how": figure.kind.how._asdict(),
        "rows": figure.rows,
    }


def row_json(row: TracedRow) -> dict[str, Any]:
    """A row that a figure counts."""
    return {
        "kind": row.kind,
        "key": row.key,
        "district": row.district,
        "uscc": row.uscc,
        "name": row.name,
        "on": row.on,
        "amount": row.amount,
        "words": dict(row.words),
    }
