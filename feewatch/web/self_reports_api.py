"""季度核对 through the API: the office reads who confirmed, a program confirms for its school."""

from flask import Response, jsonify

from feewatch.kernel.people import OFFICE
from feewatch.services.rounds import self_reports
from feewatch.services.rounds.self_reports import STATES
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import supervision_api
from feewatch.web.access import PROGRAMS, installation, needs, only, person
from feewatch.web.bodies import read_body
from feewatch.web.forms import read_choice, read_text

room = supervision_api.room


@room.get("/self-reports")
@only(OFFICE)
def list_self_reports() -> Response:
    """The institutions that are asked about a quarter, with the state of each."""
    quarter, state = read_text("quarter", 6), read_choice("state", STATES)
    asked = self_reports.list_asked(installation(), person.scope, quarter, state)
    return jsonify(items=[self_reports.asked_json(each) for each in asked])


@room.get(f"/self-reports/<int(max={MAX_KEY}):key>")
@only(OFFICE)
def get_self_report(key: int) -> Response:
    """An institution's answer, line by line."""
    found = self_reports.get_report(installation(), person.scope, key)
    return jsonify(self_reports.report_json(found))


@room.get("/own-self-report")
@only(PROGRAMS)
def get_own_self_report() -> Response:
    """What the program's institution is asked to confirm, and what it said of it."""
    return jsonify(self_reports.own_json(self_reports.read_own(installation(), person.scope)))


@room.post("/own-self-report")
@needs("hand-in")
@only(PROGRAMS)
def answer_self_report() -> tuple[Response, int]:
    """Say of each line whether it is right."""
    given = self_reports.read_answer(read_body())
    self_reports.respond(installation(), *given, actor=person.name)
    return jsonify(self_reports.own_json(self_reports.read_own(installation(), person.scope))), 201
