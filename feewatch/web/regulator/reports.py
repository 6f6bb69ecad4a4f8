"""What an office hands in: the ledger of rectification (整改台账)."""

import io

from flask import Response, render_template, request, send_file

from feewatch.casework.cases import STATES
from feewatch.kernel.people import OFFICE
from feewatch.services.reports import rectification
from feewatch.services.reports.rectification_files import (
    rectification_csv,
    rectification_workbook,
)
from feewatch.store.pages.rectification import WantedRows
from feewatch.web.access import Room, installation, person
from feewatch.web.formats import XLSX
from feewatch.web.forms import read_choice, read_day_if_typed, read_page, read_place, read_text

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
    )


@room.get("/ledger.csv")
def ledger_csv() -> Response:
    """All rows asked for, for a spreadsheet."""
    content = rectification_csv(_rows())
    head = {"Content-Disposition": "attachment; filename=rectification.csv"}
    return Response(content, mimetype="text/csv; charset=utf-8", headers=head)


@room.get("/ledger.xlsx")
def ledger_workbook() -> Response:
    """All rows asked for as a workbook ready to print."""
    content = io.BytesIO(rectification_workbook(_rows(), installation().config.office.name))
    return send_file(content, XLSX, as_attachment=True, download_name="rectification.xlsx")


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
