"""移送 through the API: the register, one transfer, its bundle, the answer of the department."""

import io

from flask import Response, jsonify, send_file

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS
from feewatch.services.transfers import answering, reading
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import grades_api
from feewatch.web.access import installation, needs, only, person
from feewatch.web.bodies import read_body, read_why, read_word
from feewatch.web.forms import read_choice

room = grades_api.room
_ONE = f"/transfers/<int(max={MAX_KEY}):key>"


@room.get("/transfers")
def transfers() -> Response:
    """Transfers by and to the department of whoever asks, the latest first."""
    state = read_choice("state", reading.STATES)
    rows = reading.list_transfers(installation(), person.scope, state)
    return jsonify(items=[reading.describe(row) for row in rows])


@room.get(_ONE)
def get_transfer(key: int) -> Response:
    """One transfer."""
    return jsonify(reading.describe(reading.get_transfer(installation(), person.scope, key)))


@room.get(f"{_ONE}/bundle")
@only(frozenset(CASEWORKERS))
def get_bundle(key: int) -> Response:
    """The signed evidence as a ZIP file."""
    name, content = reading.load_bundle(installation(), person.scope, key)
    return send_file(io.BytesIO(content), "application/zip", as_attachment=True, download_name=name)


@room.post(f"{_ONE}/answer")
@needs("decide")
@only(frozenset(CASEWORKERS))
def answer_transfer(key: int) -> Response:
    """Take a case over for the own department, or send it back."""
    body = read_body()
    outcome, why = read_word(body, "outcome", 12), read_why(body)
    if outcome == "received":
        answering.receive(installation(), key, actor=person.name, note=why)
    elif outcome == "returned":
        answering.send_back(installation(), key, actor=person.name, reason=why)
    else:
        raise InvalidInputError(
            "OUTCOME", "结果须为 received 或 returned", "received or returned", field="outcome"
        )
    return jsonify(reading.describe(reading.get_transfer(installation(), person.scope, key)))


@room.post(f"{_ONE}/withdraw")
@needs("decide")
@only(frozenset(CASEWORKERS))
def withdraw_transfer(key: int) -> Response:
    """Take a transfer back that the own department sent and that waits."""
    answering.withdraw(installation(), key, actor=person.name, reason=read_why(read_body()))
    return jsonify(reading.describe(reading.get_transfer(installation(), person.scope, key)))
