"""信用评价 through the API: sheets as the desk has them, and the steps of the desk's persons."""

from flask import Response, jsonify

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.lists import grade_objections, grade_pages, grade_steps, grading
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import procedure_api
from feewatch.web.access import PROGRAMS, installation, needs, only, person
from feewatch.web.bodies import Body, read_body, read_why, read_word, take_files
from feewatch.web.forms import read_page, read_text

#: The room of the API.
room = procedure_api.room
_SHEET = "/grades/<uscc>/<period>"
_WORKERS = frozenset(CASEWORKERS)


@room.get("/grades")
def grades() -> Response:
    """Grades in scope with every line; the latest period where none is named."""
    shown = grade_pages.read_overview(
        installation(), person.scope, read_text("period", 8), None, "", read_page()
    )
    page, items = shown.page, [grade_pages.row_json(row) for row in shown.page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.get("/grades/red")
@only(OFFICE)
def grades_red() -> Response:
    """Who meets the conditions of ``credit_red`` today, and what the others lack."""
    standings = grade_pages.list_red(installation(), person.scope)
    return jsonify(items=[grade_pages.red_json(standing) for standing in standings])


@room.post("/grades/drafts")
@needs("assess")
@only(_WORKERS)
def compute_grades() -> tuple[Response, int]:
    """Compute the drafts of a period; nobody is told."""
    period = read_word(read_body(), "period", 8)
    done = grading.compute(installation(), period or None, actor=person.name)
    return jsonify(period=done.period.name, scheme=done.scheme.id, counts=dict(done.counts)), 201


@room.get(_SHEET)
def get_grade(uscc: str, period: str) -> Response:
    """One sheet with its objections and its history."""
    return _sheet(uscc, period)


@room.post(f"{_SHEET}/steps")
@needs("assess")
@only(_WORKERS)
def step_grade(uscc: str, period: str) -> Response:
    """Tell, set, correct, confirm, decline or redraw a grade."""
    body = read_body()
    grade_pages.get_grade_file(installation(), person.scope, uscc, period)
    _take(body, uscc, period)
    return _sheet(uscc, period)


@room.post(f"{_SHEET}/objections")
@needs("object", "assess")
@only(PROGRAMS | _WORKERS)
def object_to_grade(uscc: str, period: str) -> tuple[Response, int]:
    """An institution's objection by its program, or one on paper put on record by the office."""
    body = read_body(files=2)
    files, reason = take_files(body), read_why(body)
    app, actor = installation(), person.name
    grade_pages.get_grade_file(app, person.scope, uscc, period)
    if person.role in CASEWORKERS:
        grade_objections.record_grade_objection(app, uscc, period, reason, files, actor=actor)
    else:
        grade_objections.object_to_grade(app, period, reason, files, actor=actor)
    return _sheet(uscc, period), 201


@room.post(f"{_SHEET}/objections/<int(max={MAX_KEY}):key>/answer")
@needs("assess")
@only(_WORKERS)
def answer_grade_objection(uscc: str, period: str, key: int) -> Response:
    """Answer an objection."""
    body = read_body(files=2)
    files, outcome = take_files(body), read_word(body, "outcome", 12)
    grade_pages.get_grade_file(installation(), person.scope, uscc, period)
    grade_objections.answer_grade_objection(
        installation(), uscc, period, key, outcome, read_why(body), files, actor=person.name
    )
    return _sheet(uscc, period)


def _take(body: Body, uscc: str, period: str) -> None:
    app, actor, step = installation(), person.name, read_word(body, "step", 10)
    reason, grade = read_word(body, "reason"), read_word(body, "grade", 12)
    if step == "tell":
        grade_steps.tell_drafts(app, period, [uscc], actor=actor)
    elif step == "set":
        grade_steps.set_grade(app, uscc, period, grade, reason, actor=actor)
    elif step == "correct":
        grade_steps.correct_grade(app, uscc, period, grade, reason, actor=actor)
    elif step in ("confirm", "decline"):
        accept = step == "confirm"
        grade_steps.confirm_grade(app, uscc, period, reason, accept=accept, actor=actor)
    elif step == "redraw":
        grade_steps.redraw(app, uscc, period, reason, actor=actor)
    else:
        raise InvalidInputError("STEP", "没有这个步骤", "there is no such step", field="step")


def _sheet(uscc: str, period: str) -> Response:
    file = grade_pages.get_grade_file(installation(), person.scope, uscc, period)
    return jsonify(grade_pages.file_json(file))
