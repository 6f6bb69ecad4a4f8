"""季度核对确认 on the institution's own site: one page, each line right or different."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.clock import today
from feewatch.services.rounds import self_reports
from feewatch.services.rounds.self_reports import ANSWERS, SaidOfLine
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("own_confirmation", __name__, may_enter=INSTITUTION, url_prefix="/own/confirm")


@room.get("/")
def show() -> str:
    """What the office holds, to be confirmed; or what was said of it this quarter."""
    own = self_reports.read_own(installation(), person.scope)
    return render_template("institution/confirmation.html", own=own, answers=ANSWERS, today=today())


@room.post("/")
@form_on("own_confirmation.show")
def respond() -> Response:
    """Each line of the page was answered."""
    own = self_reports.read_own(installation(), person.scope)
    given = {
        line.id: SaidOfLine(
            request.form.get(f"answer_{line.id}", "")[:8],
            request.form.get(f"words_{line.id}", "")[:2000],
            request.form.get(f"field_{line.id}", "")[:60],
            request.form.get(f"value_{line.id}", "")[:5000],
            request.form.get(f"contract_{line.id}", "")[:200],
        )
        for line in own.lines
    }
    self_reports.respond(
        installation(), given, request.form.get("seen", "")[:64], actor=person.name
    )
    flash(t("已提交核对结果", "handed in"))
    return redirect(url_for("own_confirmation.show"))
