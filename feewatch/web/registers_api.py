"""Registers through the API: an institution's program hands in its own, and reads its proposals.

The office reads what waits for a second officer; confirming it takes a person on a page.
"""

from flask import Response, jsonify, request

from feewatch.casework.proposals import STATES
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import OFFICE
from feewatch.services.corrections import countersigned, reading
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.people.countersigning import STATES as COUNTERSIGN_STATES
from feewatch.services.people.quotas import take_upload
from feewatch.services.registers.desk import DECLARED
from feewatch.services.registers.importing import ImportReport
from feewatch.web import statements_api
from feewatch.web.access import PROGRAMS, installation, needs, only, person
from feewatch.web.forms import REASON_MAX, read_choice, read_page, read_text

#: The room of the API, with the one other way to write through it.
room = statements_api.room


@room.post("/registers/<kind>")
@needs("hand-in")
@only(PROGRAMS)
def hand_in_register(kind: str) -> Response:
    """Import one register file: the body is the file, ``reason`` why rows on file are wrong."""
    if request.mimetype == "multipart/form-data":
        raise InvalidInputError(
            "BODY",
            "请求体须为文件原始内容，不用表单（curl --data-binary @文件）",
            "the body is the file itself and no form (curl --data-binary @FILE)",
        )
    if kind not in DECLARED:
        raise InvalidInputError(
            "REGISTER-KIND", "没有这种登记册", "there is no such register", field="kind"
        )
    name = read_text("name", 300) or f"{kind}.csv"
    reason = read_text("reason", REASON_MAX)
    data = request.get_data(cache=False)
    take_upload(installation(), person, len(data))
    report = hand_in(installation(), person, kind, name, data, reason=reason)
    response = jsonify(report.as_json())
    response.status_code = _status(report)
    return response


def _status(report: ImportReport) -> int:
    if report.refused:
        return 422
    if report.proposed:
        return 202
    return 201 if report.new or report.changed else 200


@room.get("/proposals")
def proposals() -> Response:
    """Proposals of corrections, those that wait first."""
    state = read_choice("state", STATES)
    page = reading.list_proposals(installation(), person.scope, state, read_page())
    items = [each.as_json() for each in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.get("/countersigns")
@only(OFFICE)
def countersigns() -> Response:
    """What waits for a second officer (双人复核) first, then what was settled."""
    state = read_choice("state", COUNTERSIGN_STATES)
    page = countersigned.list_page(installation(), person.scope, state, read_page())
    items = [act.as_json() for act in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)
