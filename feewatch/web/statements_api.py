"""The one way to write through the API: bank statements handed in, and what became of them."""

from typing import Any

from flask import Response, jsonify, request

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.masking import mask_account
from feewatch.services.ways_in import submissions
from feewatch.web import api
from feewatch.web.access import PROGRAMS, installation, needs, only, person
from feewatch.web.forms import read_text

room = api.room
#: What a file came to -> how HTTP says it.
_STATUS = {"accepted": 201, "duplicate": 200, "quarantined": 202, "rejected": 422}


@room.post("/statements")
@needs("hand-in")
@only(PROGRAMS)
def hand_in() -> Response:
    """Hand in one bank file: the body is its bytes as the bank gave them."""
    if request.mimetype == "multipart/form-data":
        raise InvalidInputError(
            "BODY",
            "请求体须为文件原始内容，不用表单（curl --data-binary @文件）",
            "the body is the file itself and no form (curl --data-binary @FILE)",
        )
    name = read_text("name", 300) or "statement"
    content = request.get_data(cache=False)
    key = request.headers.get("Idempotency-Key")
    answer = submissions.submit(installation(), person, name, content, key)
    response = jsonify(answer)
    response.status_code = _STATUS[answer["status"]]
    return response


@room.get("/statements/<sha256>")
@needs("read", "hand-in")
def statement_file(sha256: str) -> Response:
    """What became of a file, by the SHA-256 of its bytes."""
    outcome = submissions.find_outcome(installation(), person, sha256.lower()).as_json()
    return jsonify(outcome if person.sees_accounts else _masked(outcome))


def _masked(file: dict[str, Any]) -> dict[str, Any]:
    statements = [each | {"account": mask_account(each["account"])} for each in file["statements"]]
    account = file["account"] and mask_account(file["account"])
    return file | {"account": account, "statements": statements}
