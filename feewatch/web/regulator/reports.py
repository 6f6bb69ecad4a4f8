"""What an office hands in: the ledger of rectification (整改台账), the report (督导通报)."""

import io
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from feewatch.casework.cases import STATES
from feewatch.kernel.clock import today
from feewatch.kernel.days import add_months, format_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import DECIDERS, OFFICE
from feewatch.services.reports import issuing, labels, rectification
from feewatch.services.reports.figure_kinds import SECTIONS
from feewatch.services.reports.handing_back import (
    get_back_form,
    push_results,
    write_results,
)
from feewatch.services.reports.period import (
    FigureValue,
    PeriodReport,
    ReportPeriod,
    period_of_days,
    period_of_month,
    read_report,
    trace_figure,
)
from feewatch.services.reports.period_document import document_name, report_document
from feewatch.services.reports.period_json import report_json
from feewatch.services.reports.rectification_files import (
    rectification_csv,
    rectification_workbook,
)
from feewatch.services.reports.wording import write_report
from feewatch.store.pages.rectification import WantedRows
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.formats import DOCX, XLSX
from feewatch.web.forms import (
    read_choice,
    read_day_if_typed,
    read_field,
    read_month,
    read_page,
    read_place,
    read_text,
)
from feewatch.web.language import t
from feewatch.web.refused import form_on

#: The form in which results go back to the platform.
RESULTS = "platform-results"

room = Room("reports", __name__, may_enter=OFFICE, url_prefix="/desk")


@room.get("/ledger")
def ledger() -> str:
    """The ledger of rectification, a matter a row."""
    wanted = _wanted()
    return render_template(
        "regulator/ledger.html",
        found=rectification.read_rectification(installation(), person.scope, wanted, read_page()),
        wanted=wanted,
        steps=rectification.STEPS_WITH_DAYS,
        states=STATES,
        nobody=rectification.NOBODY,
        progress=rectification.progress,
        filters={name: value for name, value in request.args.items() if name != "page"},
        results=get_back_form(installation().config, RESULTS, "results"),
        takers=[
            each.name
            for each in installation().config.publication.subscribers
            if "results" in each.takes
        ],
        deciders=DECIDERS,
    )


@room.get("/ledger/results.csv")
@form_on("reports.ledger")
def results_csv() -> Response:
    """What became of matters that were served, as the platform's import reads it."""
    head = {"Content-Disposition": "attachment; filename=results.csv"}
    return Response(_results("csv"), mimetype="text/csv; charset=utf-8", headers=head)


@room.get("/ledger/results.xlsx")
@form_on("reports.ledger")
def results_workbook() -> Response:
    """The same as a workbook."""
    content = io.BytesIO(_results("xlsx"))
    return send_file(content, XLSX, as_attachment=True, download_name="results.xlsx")


@room.post("/ledger/results")
@only(DECIDERS)
@form_on("reports.ledger")
def push() -> Answer:
    """Owe the results of a district to subscribers that take them."""
    district = read_field("district", 6)
    number = push_results(installation(), district, actor=person.name, form=RESULTS)
    flash(t(f"第 {number} 次处置结果待推送", f"results no. {number} are to be sent"))
    return redirect(url_for("reports.ledger"))


@room.get("/ledger.csv")
@form_on("reports.ledger")
def ledger_csv() -> Response:
    """All rows asked for, for a spreadsheet."""
    content = rectification_csv(_rows())
    head = {"Content-Disposition": "attachment; filename=rectification.csv"}
    return Response(content, mimetype="text/csv; charset=utf-8", headers=head)


@room.get("/ledger.xlsx")
@form_on("reports.ledger")
def ledger_workbook() -> Response:
    """All rows asked for as a workbook ready to print."""
    content = io.BytesIO(rectification_workbook(_rows(), installation().config.office.name))
    return send_file(content, XLSX, as_attachment=True, download_name="rectification.xlsx")


@room.get("/report")
def monthly() -> str:
    """The report of a month, or of the days asked for."""
    period = _read_period()
    found = read_report(installation(), period)
    return render_template(
        "regulator/report.html",
        found=found,
        sections=write_report(found, installation().config.places),
        tables=_tables(found),
        words=labels,
        period_words=labels.period_in_words(period),
        before_words=labels.period_in_words(found.before),
        asked=_asked(period),
        month=format_day(period.first)[:7],
        issued=issuing.list_issued(installation(), person.scope),
        compared=issuing.compare_with_issued(installation(), found),
        district=request.args.get("district", ""),
    )


@room.get("/report/rows")
def traced() -> str:
    """The rows that a figure counts."""
    period = _read_period()
    figure = request.args.get("figure", "")[:100]
    places = installation().config.places
    trace = trace_figure(installation(), period, figure, read_page())
    return render_template(
        "regulator/report_rows.html",
        trace=trace,
        title=labels.title_of(trace.kind, places),
        words=labels,
        period_words=labels.period_in_words(period),
        asked=_asked(period),
        filters={"figure": figure, **_asked(period)},
    )


@room.get("/report.docx")
@form_on("reports.monthly")
def monthly_document() -> Response:
    """The same as a document (通报)."""
    config = installation().config
    found = read_report(installation(), _read_period())
    content = report_document(found, config.office.name, config.places, today())
    return _send_document(content, document_name(found))


@room.post("/report")
@only(DECIDERS)
def issue() -> Answer:
    """Issue the report of the period and keep it as it is."""
    period = _read_period()
    issuing.issue_report(installation(), period, actor=person.name)
    flash(t("通报已出具并存档", "the report was issued and kept"))
    return redirect(url_for("reports.monthly", **_asked(period)))


@room.get("/report/issued/<int:key>")
def issued(key: int) -> Response:
    """A report that was issued, as it was."""
    if key > MAX_KEY:
        raise NotFoundError("REPORT-UNKNOWN", f"没有通报 {key}", f"no report {key}")
    row, content = issuing.load_issued(installation(), person.scope, key)
    name = f"督导通报-{format_day(row.from_day)}-{format_day(row.to_day)}-{row.id}.docx"
    return _send_document(content, name)


def _send_document(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), DOCX, as_attachment=True, download_name=name)


@room.get("/report.json")
def monthly_json() -> Response:
    """The same for scripts."""
    config = installation().config
    found = read_report(installation(), _read_period())
    return jsonify(report_json(found, config.office.name, config.places))


def _read_period() -> ReportPeriod:
    """The days asked for; by default the month before the present one."""
    district = read_place("district")
    first, last = read_day_if_typed("from"), read_day_if_typed("to")
    if (first is None) != (last is None):
        raise InvalidInputError(
            "PERIOD",
            "请填写起止日期",
            "give the first and the last day",
            field="from" if first is None else "to",
        )
    if first is not None and last is not None:
        return period_of_days(person.scope, first, last, district)
    last_month = format_day(add_months(today(), -1))[:7]
    return period_of_month(person.scope, read_month("month", last_month), district)


def _asked(period: ReportPeriod) -> dict[str, Any]:
    """The words of an address that ask for a period again."""
    words = {"from": format_day(period.first), "to": format_day(period.last)}
    district = request.args.get("district", "")
    return words | ({"district": district} if district else {})


def _tables(found: PeriodReport) -> list[tuple[str, list[FigureValue]]]:
    """The figures by section, without their parts, which stand under their whole."""
    wholes = [figure for key, figure in found.figures.items() if ":" not in key]
    return [
        (section, [figure for figure in wholes if figure.kind.section == section])
        for section in SECTIONS
    ]


def _results(file: str) -> bytes:
    done = write_results(
        installation(), person.scope, _wanted(), actor=person.name, file=file, form=RESULTS
    )
    return done.content


def _rows() -> list[rectification.RectificationRow]:
    return rectification.list_rectification(installation(), person.scope, _wanted())


def _wanted() -> WantedRows:
    return WantedRows(
        rectification.period(read_day_if_typed("from"), read_day_if_typed("to")),
        read_choice("step", rectification.STEPS_WITH_DAYS) or "open",
        read_place("district"),
        read_choice("state", STATES),
        read_choice("overdue", ("yes",)) == "yes",
        read_choice("repeated", ("yes",)) == "yes",
        read_text("text"),
    )
