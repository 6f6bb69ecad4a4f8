"""The procedure around decisions through the API: notices, what is said, answers, 双公示.

An institution's program speaks for its institution; officers act in their own name.
"""

from flask import Response, jsonify

from feewatch.credit.advance_notice import STATES as NOTICE_STATES
from feewatch.credit.objections import STATES as OBJECTION_STATES
from feewatch.kernel.clock import today
from feewatch.kernel.days import add_months, format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.lists import advance_notices, decision_objections, procedure
from feewatch.services.lists import decision_reports as reports
from feewatch.services.lists.decision_pages import find_last_correction
from feewatch.store.lists.objections import About
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import decisions_api
from feewatch.web.access import PROGRAMS, installation, needs, only, person
from feewatch.web.bodies import (
    Body,
    bad_body,
    read_body,
    read_body_day,
    read_number,
    read_why,
    read_word,
    take_files,
    take_flag,
    take_paper,
)
from feewatch.web.formats import XLSX
from feewatch.web.forms import read_choice, read_day_if_typed, read_page

#: The room of the API.
room = decisions_api.room
_KEY = f"<int(max={MAX_KEY}):key>"
_WORKERS = frozenset(CASEWORKERS)
_REPORTERS = frozenset(reports.REPORTERS)
_MOST_DOCUMENTS = 500


@room.get("/advance-notices")
def list_advance_notices() -> Response:
    """Notices before decisions, those that wait first."""
    state = read_choice("state", NOTICE_STATES)
    page = procedure.list_notices(installation(), person.scope, state, read_page())
    items = [procedure.notice_json(row._mapping) for row in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.post("/advance-notices")
@needs("decide")
@only(frozenset(advance_notices.SERVERS))
def serve_notice() -> tuple[Response, int]:
    """Put a served notice on file: the form's values, with the notice and its record in base64."""
    body = read_body(files=2)
    papers = advance_notices.read_notice_papers(
        take_paper(body, "file"), take_paper(body, "record")
    )
    key = advance_notices.put_on_file(installation(), body, papers, actor=person.name, file="body")
    return _notice(key), 201


@room.get(f"/advance-notices/{_KEY}")
def get_advance_notice(key: int) -> Response:
    """A notice with what was said of it."""
    return _notice(key)


@room.post(f"/advance-notices/{_KEY}/drop")
@needs("decide")
@only(_WORKERS)
def drop_notice(key: int) -> Response:
    """End a notice without a decision."""
    body = read_body()
    procedure.get_notice_procedure(installation(), person.scope, key)
    advance_notices.drop(installation(), key, actor=person.name, reason=read_why(body))
    return _notice(key)


@room.get("/objections")
def list_objections() -> Response:
    """What was said against notices, decisions and corrections, what waits first."""
    state = read_choice("state", OBJECTION_STATES)
    page = procedure.list_objections(installation(), person.scope, state, read_page())
    items = [procedure.objection_json(row) for row in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.post("/objections")
@needs("object", "decide")
@only(PROGRAMS | _WORKERS)
def make_objection() -> tuple[Response, int]:
    """Speak against a notice, a decision or its last correction; or put down what came on paper."""
    body = read_body(files=2)
    files = take_files(body)
    about = _about(body)
    key = decision_objections.object_to(
        installation(), about, read_word(body, "kind", 12), read_why(body), files,
        actor=person.name, received_on=read_body_day(body, "received_on"),
    )  # fmt: skip
    return jsonify(procedure.get_said(installation(), person.scope, key)), 201


@room.post(f"/objections/{_KEY}/withdraw")
@needs("object")
@only(PROGRAMS)
def withdraw_objection(key: int) -> Response:
    """Take back what is not answered yet."""
    body = read_body()
    decision_objections.withdraw(installation(), key, actor=person.name, reason=read_why(body))
    return jsonify(procedure.get_said(installation(), person.scope, key))


@room.post(f"/objections/{_KEY}/answer")
@needs("decide")
@only(_WORKERS)
def answer_objection(key: int) -> Response:
    """Answer what was said."""
    body = read_body(files=2)
    files = take_files(body)
    decision_objections.answer(
        installation(), key, read_word(body, "outcome", 12), read_why(body), files,
        actor=person.name, hearing_on=read_body_day(body, "hearing_on"),
    )  # fmt: skip
    return jsonify(procedure.get_said(installation(), person.scope, key))


@room.get("/decision-reports")
@only(OFFICE)
def list_decision_reports() -> Response:
    """Decisions of a period as 双公示 wants them, by when, and whether they were handed in."""
    rows = reports.list_reportable(installation(), person.scope, _wanted())
    return jsonify(items=[reports.report_json(each) for each in rows])


@room.get("/decision-reports/form")
@only(_REPORTERS)
def take_decision_form() -> Response:
    """The same in the form in which decisions are handed in, CSV or XLSX."""
    form = read_choice("format", reports.FORMATS) or "csv"
    _, parts = reports.take_out(installation(), person.scope, _wanted(), form, actor=person.name)
    media_type = XLSX if form == "xlsx" else "text/csv; charset=utf-8"
    return Response(b"".join(parts), mimetype=media_type)


@room.post("/decision-reports")
@needs("decide")
@only(_REPORTERS)
def report_decisions() -> Response:
    """Say that decisions were handed in."""
    body = read_body()
    documents = body.get("documents")
    if (
        not isinstance(documents, list)
        or len(documents) > _MOST_DOCUMENTS
        or not all(isinstance(document, str) for document in documents)
    ):
        raise bad_body("documents")
    on = read_body_day(body, "on")
    on = today() if on is None else on
    marked = reports.mark_reported(installation(), documents, on, actor=person.name)
    return jsonify(reported=marked, on=format_day(on))


def _notice(key: int) -> Response:
    found = procedure.get_notice_procedure(installation(), person.scope, key)
    return jsonify(procedure.procedure_json(found))


def _about(body: Body) -> About:
    """What is spoken against: the notice or the decision of a key, perhaps its last correction.

    Raises: InvalidInputError, NotFoundError.
    """
    notice, decision = (read_number(body, name, MAX_KEY) for name in ("notice", "decision"))
    is_correction = take_flag(body, "correction")
    if (notice is None) == (decision is None) or (is_correction and decision is None):
        raise bad_body("decision")
    if decision is None:
        return About(notice)
    if not is_correction:
        return About(decision_id=decision)
    key = find_last_correction(installation(), decision)
    return About(decision_id=decision, decision_correction_id=key)


def _wanted() -> reports.WantedReports:
    """The days of the address; the last month up to today where it names none.

    Raises: InvalidInputError.
    """
    last = read_day_if_typed("to") or today()
    first = read_day_if_typed("from") or add_months(last, -1)
    if first > last:
        raise InvalidInputError(
            "DAYS", "起始日晚于截止日", "the first day lies after the last", field="from"
        )
    is_open = read_choice("open", ("yes", "no")) == "yes"
    return reports.WantedReports(first, last, only_open=is_open)
