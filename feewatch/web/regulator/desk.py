"""The inbox of matters, a matter with its alerts, one alert with its law, arithmetic and rows."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.casework.matters import AUTHORITIES
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.cases import desk, steps
from feewatch.store.pages.inbox import STATUSES
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.faults import refuse_with
from feewatch.web.forms import read_field, read_page, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on
from feewatch.web.regulator.filters import read_wanted_matters
from feewatch.web.words import told_evidence

room = Room("desk", __name__, may_enter=OFFICE, url_prefix="/desk")


@room.get("/")
def inbox() -> str:
    """Matters by severity and day."""
    wanted = read_wanted_matters()
    found = desk.read_inbox(installation(), person.scope, wanted, read_page())
    filters = {name: value for name, value in request.args.items() if name != "page"}
    return render_template(
        "regulator/inbox.html",
        inbox=found,
        wanted=wanted,
        filters=filters,
        severities=SEVERITIES[::-1],
        statuses=STATUSES,
        authorities=AUTHORITIES,
    )


@room.get(f"/matters/<int(max={MAX_KEY}):matter_id>")
def matter(matter_id: int) -> str:
    """A matter with its alerts."""
    found = desk.get_matter(installation(), person.scope, matter_id)
    return render_template("regulator/matter.html", found=found)


@room.get("/alerts/<alert_id>")
def alert(alert_id: str) -> str:
    """An alert with everything it rests on."""
    found = desk.get_alert(installation(), person.scope, alert_id)
    return render_template("regulator/alert.html", found=found, **told_evidence(found))


@room.post(f"/matters/<int(max={MAX_KEY}):matter_id>/case")
@only(frozenset(CASEWORKERS))
@form_on("desk.matter")
def open_case(matter_id: int) -> Response:
    """Open a case over a matter and take its first step."""
    app, step, reason = installation(), read_field("step", 20), read_reason()
    try:
        number = steps.open_case(app, [matter_id], actor=person.name, reason=reason, then=step)
    except ConflictError as refusal:  # another officer was quicker
        case = desk.get_matter(app, person.scope, matter_id).case
        if case is None:
            raise
        way = url_for("cases.show", number=case.number)
        return refuse_with(refusal, (way, t(f"查看案件 {case.number}", f"See case {case.number}")))
    flash(t(f"已立案 {number}", f"case {number} is open"))
    return redirect(url_for("cases.show", number=number))
