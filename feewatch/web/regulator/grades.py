"""信用评价 at the desk: computed, told, answered and set by people; every step asks its service."""

import io

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from feewatch.casework.answers import OUTCOMES
from feewatch.credit.grades import STATUSES
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.lists import grade_objections, grade_pages, grade_steps, grading
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_choice, read_field, read_page, read_reason, read_text
from feewatch.web.language import say
from feewatch.web.lists import file_of_list, whole
from feewatch.web.refused import form_on
from feewatch.web.regulator.grade_columns import GRADES

room = Room("grades", __name__, may_enter=OFFICE, url_prefix="/desk/grades")
_SHEET = "/<uscc>/<period>"
_TITLE = Text("信用评价", "Grades")
#: What is asked for by the word for sheets whose facts are missing.
UNGRADED = "none"
STEPS = {
    "tell": Text("已告知机构，异议期开始", "the institution is told and may object"),
    "set": Text("已评定", "the grade is set"),
    "correct": Text("更正已提出，待另一人复核", "asked for; another person confirms"),
    "confirm": Text("已复核", "confirmed"),
    "decline": Text("未予同意", "refused"),
    "redraw": Text("已退回草稿", "a draft again"),
}


@room.get("/")
def listed() -> str | Response:
    """The sheets of a period with counts by grade, or as a file."""
    app, scope = installation(), person.scope
    period, grade = read_text("period", 8), read_text("grade", 12)
    waiting = read_choice("waiting", grade_pages.WAITING)
    wanted = None if not grade else "" if grade == UNGRADED else grade
    shown = grade_pages.read_overview(app, scope, period, wanted, waiting, read_page())
    file = file_of_list(_TITLE, GRADES, whole(shown.rows))
    if file is not None:
        return file
    scheme = grading.scheme_in_force(app)
    return render_template(
        "regulator/grades.html", shown=shown, scheme=scheme, grade=grade, waiting=waiting,
        statuses=STATUSES, default=grading.find_period(scheme, None).name, ungraded=UNGRADED,
        filters={"period": shown.period, "grade": grade, "waiting": waiting},
    )  # fmt: skip


@room.get("/red")
def red() -> str:
    """Who meets the conditions of the credit red list, and who lacks what."""
    app = installation()
    return render_template(
        "regulator/grades_red.html", standings=grade_pages.list_red(app, person.scope),
        scheme=grading.scheme_in_force(app),
    )  # fmt: skip


@room.post("/compute")
@only(frozenset(CASEWORKERS))
@form_on("grades.listed")
def compute() -> Response:
    """Compute drafts of a period."""
    done = grading.compute(installation(), read_field("period", 8), actor=person.name)
    flash(f"{done.period.name}: " + say(_count_of(len(done.graded))))
    return redirect(url_for("grades.listed", period=done.period.name))


@room.post("/tell")
@only(frozenset(CASEWORKERS))
@form_on("grades.listed")
def tell() -> Response:
    """Tell every draft of a period."""
    period = read_field("period", 8)
    told = grade_steps.tell_drafts(installation(), period, actor=person.name)
    flash(say(STEPS["tell"]) + " · " + say(_count_of(len(told))))
    return redirect(url_for("grades.listed", period=period))


def _count_of(count: int) -> Text:
    return Text(f"{count} 家机构", f"{count} institutions")


@room.get(_SHEET)
def show(uscc: str, period: str) -> str:
    """One sheet: its lines, objections, history, and what may be done."""
    file = grade_pages.get_grade_file(installation(), person.scope, uscc, period)
    return render_template("regulator/grade.html", file=file, row=file.row.grade)


@room.post(_SHEET)
@only(frozenset(CASEWORKERS))
@form_on("grades.show")
def step(uscc: str, period: str) -> Response:
    """Tell, set, correct, confirm, decline or redraw a grade."""
    app, actor, name = installation(), person.name, read_field("step", 20)
    if name == "tell":
        grade_steps.tell_drafts(app, period, [uscc], actor=actor)
    elif name == "set":
        reason = request.form.get("reason", "").strip()[:2000]
        grade_steps.set_grade(app, uscc, period, read_field("grade", 12), reason, actor=actor)
    elif name == "correct":
        grade = read_field("grade", 12)
        grade_steps.correct_grade(app, uscc, period, grade, read_reason(), actor=actor)
    elif name in ("confirm", "decline"):
        accept = name == "confirm"
        grade_steps.confirm_grade(app, uscc, period, read_reason(), accept=accept, actor=actor)
    elif name == "redraw":
        grade_steps.redraw(app, uscc, period, read_reason(), actor=actor)
    else:
        raise InvalidInputError("STEP", "没有这个步骤", "there is no such step", field="step")
    flash(say(STEPS[name]))
    return redirect(url_for("grades.show", uscc=uscc, period=period))


@room.post(f"{_SHEET}/objections")
@only(frozenset(CASEWORKERS))
@form_on("grades.show")
def record(uscc: str, period: str) -> Response:
    """Put an objection on record that came on paper."""
    files = read_form_attachments("proofs")
    grade_objections.record_grade_objection(
        installation(), uscc, period, read_reason(), files, actor=person.name
    )
    flash(say(Text("书面异议已登记", "the objection is on record")))
    return redirect(url_for("grades.show", uscc=uscc, period=period))


@room.post(f"{_SHEET}/objections/<int(max={MAX_KEY}):key>")
@only(frozenset(CASEWORKERS))
@form_on("grades.show")
def answer(uscc: str, period: str, key: int) -> Response:
    """Answer an objection."""
    outcome, files = read_field("outcome", 12), read_form_attachments("proofs")
    grade_objections.answer_grade_objection(
        installation(), uscc, period, key, outcome, read_reason(), files, actor=person.name
    )
    flash(say(Text("异议已答复：", "answered: ")) + say(OUTCOMES[outcome]))
    return redirect(url_for("grades.show", uscc=uscc, period=period))


@room.get(f"{_SHEET}/files/<int(max={MAX_KEY}):key>")
def paper(uscc: str, period: str, key: int) -> Response:
    """A file of an objection, to be saved."""
    return send_grade_paper(uscc, period, key)


def send_grade_paper(uscc: str, period: str, key: int) -> Response:
    """A file of an objection within the person's scope.

    Raises: NotFoundError, UnavailableError.
    """
    name, content, media_type = grade_pages.get_grade_paper(
        installation(), person.scope, uscc, period, key
    )
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)
