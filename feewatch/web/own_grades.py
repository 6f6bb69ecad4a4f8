"""An institution's own grades: every line that led to them, and its objections."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.clock import today
from feewatch.services.lists import grade_objections, grade_pages
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on
from feewatch.web.regulator.grades import send_grade_paper

room = Room("own_grades", __name__, may_enter=INSTITUTION, url_prefix="/own/grades")


@room.get("/")
def listed() -> str:
    """All grades the institution was told, the latest first."""
    app, scope = installation(), person.scope
    files = [
        grade_pages.get_grade_file(app, scope, row.grade["uscc"], row.grade["period"])
        for row in grade_pages.list_grades(app, scope)
    ]
    return render_template("institution/grades.html", files=files, day=today())


@room.post("/<period>")
@form_on("own_grades.listed")
def take_objection(period: str) -> Response:
    """Object to a grade within its time."""
    files = read_form_attachments("proofs")
    grade_objections.object_to_grade(
        installation(), period, read_reason(), files, actor=person.name
    )
    flash(t("异议已提交主管机关", "your objection is with the office"))
    return redirect(url_for("own_grades.listed"))


@room.get(f"/<period>/files/<int(max={MAX_KEY}):key>")
def paper(period: str, key: int) -> Response:
    """A file of an objection of its own, or of the answer to it."""
    rows = grade_pages.list_grades(installation(), person.scope, period=period)
    uscc = rows[0].grade["uscc"] if rows else ""
    return send_grade_paper(uscc, period, key)
