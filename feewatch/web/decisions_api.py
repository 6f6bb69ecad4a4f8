"""Decisions through the API: the same steps by the same three persons as on the site.

Who writes has a token of their own: a program has no role in a decision.
"""

import base64
import binascii
import json
from typing import Any

from flask import Response, jsonify, request

from feewatch.credit.advance_notice import STATES as NOTICE_STATES
from feewatch.credit.decisions import STATUSES
from feewatch.credit.objections import STATES as OBJECTION_STATES
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import exact_decimal, exact_whole
from feewatch.kernel.people import CASEWORKERS
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.proofs import Proof
from feewatch.services.lists import decision_corrections as corrections
from feewatch.services.lists import decision_objections, decisions, procedure
from feewatch.services.lists import decision_pages as reading
from feewatch.services.lists.decision_papers import read_papers
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import registers_api
from feewatch.web.access import installation, needs, only, person
from feewatch.web.forms import (
    FORM_MOST_BYTES,
    limit_body,
    read_choice,
    read_page,
    refuse_control_characters,
)

#: A paper of 11 MB as letters.
_FILE_MOST_BYTES = 15 * 1024 * 1024
#: The room of the API.
room = registers_api.room
_KEY = f"<int(max={MAX_KEY}):key>"
_MAKERS = frozenset(corrections.CORRECTORS)
_STEPS = {"review": decisions.review, "approve": decisions.approve, "refuse": decisions.refuse}


@room.get("/decisions")
def list_decisions() -> Response:
    """Decisions in scope, those that wait first."""
    status = read_choice("status", STATUSES)
    page = reading.list_page(installation(), person.scope, status, read_page())
    items = [reading.decision_json(row._mapping) for row in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.get(f"/decisions/{_KEY}")
def get_decision(key: int) -> Response:
    """All entries of a document with their history."""
    return _entries(key)


@room.post("/decisions")
@needs("decide")
@only(frozenset(decisions.PROPOSERS))
def propose_decision() -> tuple[Response, int]:
    """Propose a decision: the form's values, with the papers in base64."""
    body = _body(files=2)
    papers = read_papers(_paper(body, "file"), _paper(body, "notice_record"))
    imported = _flag(body, "imported")
    proposed = decisions.propose(
        installation(), body, papers, actor=person.name, imported=imported, file="body"
    )
    key = reading.find_key(installation(), proposed.document)
    assert key is not None
    return _entries(key), 201


@room.post(f"/decisions/{_KEY}/steps")
@needs("decide")
@only(_MAKERS)
def step_decision(key: int) -> Response:
    """Review, approve or refuse: each by another person."""
    body = _body()
    step = _STEPS.get(_text(body, "step"))
    if step is None:
        raise InvalidInputError("STEP", "没有这个步骤", "there is no such step", field="step")
    step(installation(), _document(key), actor=person.name, reason=_text(body, "reason"))
    return _entries(key)


@room.post(f"/decisions/{_KEY}/corrections")
@needs("decide")
@only(_MAKERS)
def correct_decision(key: int) -> tuple[Response, int]:
    """Ask for a slip of the pen to be corrected; another person confirms it."""
    body = _body()
    changes = body.get("changes")
    if not isinstance(changes, dict):
        raise _bad_body("changes")
    corrections.ask_correction(
        installation(), _document(key), changes, actor=person.name, reason=_text(body, "reason")
    )
    return _entries(key), 201


@room.post(f"/decisions/{_KEY}/corrections/answer")
@needs("decide")
@only(_MAKERS)
def answer_correction(key: int) -> Response:
    """Confirm the correction that waits, or refuse it."""
    body = _body()
    corrections.confirm_correction(
        installation(), _document(key), actor=person.name, reason=_text(body, "reason"),
        accept=_flag(body, "accept"),
    )  # fmt: skip
    return _entries(key)


@room.get("/advance-notices")
def list_advance_notices() -> Response:
    """Notices before decisions, those that wait first."""
    state = read_choice("state", NOTICE_STATES)
    page = procedure.list_notices(installation(), person.scope, state, read_page())
    items = [procedure.notice_json(row._mapping) for row in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.get("/objections")
def list_objections() -> Response:
    """What was said against notices, decisions and corrections, what waits first."""
    state = read_choice("state", OBJECTION_STATES)
    page = procedure.list_objections(installation(), person.scope, state, read_page())
    items = [procedure.objection_json(row) for row in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.post(f"/objections/{_KEY}/answer")
@needs("decide")
@only(frozenset(CASEWORKERS))
def answer_objection(key: int) -> Response:
    """Answer what was said."""
    body = _body()
    day = body.get("hearing_on")
    hearing_on = parse_day(day) if isinstance(day, str) else None
    if day is not None and hearing_on is None:
        raise _bad_body("hearing_on")
    decision_objections.answer(
        installation(), key, _text(body, "outcome"), _text(body, "reason"), actor=person.name,
        hearing_on=hearing_on,
    )  # fmt: skip
    return jsonify(id=key, outcome=_text(body, "outcome"))


def _entries(key: int) -> Response:
    app, scope = installation(), person.scope
    return jsonify(items=reading.get_decisions(app, scope, _document(key)))


def _document(key: int) -> str:
    document: str = reading.get_files_of(installation(), person.scope, key)[0].decision["document"]
    return document


def _body(files: int = 0) -> dict[str, Any]:
    """The object of a request's body, which may hold so many files; its numbers are exact.

    Raises: InvalidInputError, RequestEntityTooLarge.
    """
    limit_body(FORM_MOST_BYTES + files * _FILE_MOST_BYTES)
    try:
        body = json.loads(
            request.get_data(cache=False),
            parse_float=exact_decimal, parse_int=exact_whole, parse_constant=_none,
        )  # fmt: skip
        refuse_control_characters(_strings(body))
    except (ValueError, RecursionError):
        raise _bad_body("") from None
    if not isinstance(body, dict):
        raise _bad_body("")
    return body


def _none(_: str) -> None:
    raise ValueError("no number of JSON")


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in (*value.keys(), *value.values()) for text in _strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return [value] if isinstance(value, str) else []


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > 2000:
        raise _bad_body(name)
    return value.strip()


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.pop(name, False)
    if not isinstance(value, bool):
        raise _bad_body(name)
    return value


def _paper(body: dict[str, Any], name: str) -> Proof | None:
    """A paper of the body, ``{"name", "content"}`` with its bytes in base64; None without one."""
    paper = body.pop(name, None)
    if paper is None:
        return None
    if not isinstance(paper, dict) or not all(
        isinstance(paper.get(part), str) for part in ("name", "content")
    ):
        raise _bad_body(name)
    try:
        content = base64.b64decode(paper["content"], validate=True)
    except (binascii.Error, ValueError):
        raise _bad_body(name) from None
    return read_voucher(paper["name"], content)


def _bad_body(name: str) -> InvalidInputError:
    return InvalidInputError(
        "BODY",
        f"请求体应为 JSON 对象{f'，{name} 的取值无效' if name else ''}",
        f"the body is an object of JSON{f'; {name} has no such value' if name else ''}",
        field=name,
    )
