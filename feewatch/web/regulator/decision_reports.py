"""双公示 on the desk: what is to be handed in by when, the form as a file, and that it was."""

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, add_months
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import OFFICE
from feewatch.services.lists import decision_reports as service
from feewatch.web.access import Room, installation, only, person
from feewatch.web.formats import XLSX
from feewatch.web.forms import read_day_if_typed, read_form_day
from feewatch.web.language import t

room = Room("decision_reports", __name__, may_enter=OFFICE, url_prefix="/desk/decision-reports")
_REPORTERS = frozenset(service.REPORTERS)


@room.get("/")
def listed() -> str:
    """What is still to be handed in, and the decisions of a period."""
    app, scope = installation(), person.scope
    first, last = _period()
    return render_template(
        "regulator/decision_reports.html", first=first, last=last,
        owed=service.list_owed(app, scope),
        rows=service.list_reportable(app, scope, service.WantedReports(first, last)),
        may_report=person.role in _REPORTERS,
    )  # fmt: skip


@room.get("/form.<any(csv,xlsx):extension>")
@only(_REPORTERS)
def form(extension: str) -> Response:
    """The decisions of a period in the form of publicity, to be saved."""
    wanted = service.WantedReports(*_period(), only_open=request.args.get("open") == "yes")
    _, parts = service.take_out(installation(), person.scope, wanted, extension, actor=person.name)
    media_type = XLSX if extension == "xlsx" else "text/csv; charset=utf-8"
    head = {"Content-Disposition": f"attachment; filename=publicity.{extension}"}
    return Response(parts, mimetype=media_type, headers=head)


@room.post("/")
@only(_REPORTERS)
def report() -> Redirect:
    """Say that decisions were handed in."""
    on = read_form_day("on")
    if on is None:
        raise InvalidInputError("DAY", "请填写报送日", "name the day", field="on")
    documents = request.form.getlist("document")[:500]
    service.mark_reported(installation(), documents, on, actor=person.name)
    flash(t("已登记报送", "on record as handed in"))
    return redirect(url_for("decision_reports.listed"))


def _period() -> tuple[Day, Day]:
    """The days of the address; the last month up to today where it names none.

    Raises: InvalidInputError.
    """
    last = read_day_if_typed("to") or today()
    first = read_day_if_typed("from") or add_months(last, -1)
    if first > last:
        raise InvalidInputError(
            "DAYS", "起始日晚于截止日", "the first day lies after the last", field="from"
        )
    return first, last
