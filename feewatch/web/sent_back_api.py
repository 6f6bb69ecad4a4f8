"""退回更正 through the API: a signed request comes in, and its signed answer is fetched."""

from flask import Response, jsonify, request

from feewatch.publication.correction_notes import MOST_BYTES
from feewatch.services.province import answering
from feewatch.web import publication_api
from feewatch.web.access import PROGRAMS, installation, needs, only, person
from feewatch.web.forms import limit_body

room = publication_api.room


@room.post("/correction-requests")
@needs("hand-in")
@only(PROGRAMS)
def receive_request() -> tuple[Response, int]:
    """A request of the office above, byte for byte as it was signed; taken once."""
    limit_body(MOST_BYTES)
    content = request.get_data(cache=False)
    row = answering.receive(installation(), content, actor=person.name, scope=person.scope)
    return jsonify(answering.describe(row)), 201


@room.get("/correction-requests/<number>")
def get_request(number: str) -> Response:
    """A request that came in, with its signed answer once there is one."""
    row = answering.find_received(installation(), person.scope, number)
    return jsonify(answering.describe(row))
