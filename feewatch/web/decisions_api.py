"""Decisions through the API: the same steps by the same three persons as on the site.

Who writes has a token of their own: a program has no role in a decision.
"""

from typing import Any

from flask import Response, jsonify

from feewatch.credit.decisions import ENDINGS, STATUSES
from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.lists import decision_corrections as corrections
from feewatch.services.lists import decision_pages as reading
from feewatch.services.lists import decisions
from feewatch.services.lists.decision_papers import read_papers
from feewatch.services.lists.recalls import end_and_correct
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import registers_api
from feewatch.web.access import installation, needs, only, person
from feewatch.web.bodies import (
    bad_body,
    read_body,
    read_body_day,
    read_why,
    read_word,
    take_flag,
    take_paper,
)
from feewatch.web.forms import read_choice, read_page

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
    body = read_body(files=2)
    papers = read_papers(take_paper(body, "file"), take_paper(body, "notice_record"))
    imported = take_flag(body, "imported")
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
    body = read_body()
    step = _STEPS.get(read_word(body, "step"))
    if step is None:
        raise InvalidInputError("STEP", "没有这个步骤", "there is no such step", field="step")
    step(installation(), _document(key), actor=person.name, reason=read_why(body))
    return _entries(key)


@room.post(f"/decisions/{_KEY}/corrections")
@needs("decide")
@only(_MAKERS)
def correct_decision(key: int) -> tuple[Response, int]:
    """Ask for a slip of the pen to be corrected; another person confirms it."""
    body = read_body()
    changes = body.get("changes")
    if not isinstance(changes, dict):
        raise bad_body("changes")
    corrections.ask_correction(
        installation(), _document(key), changes, actor=person.name, reason=read_why(body)
    )
    return _entries(key), 201


@room.post(f"/decisions/{_KEY}/corrections/answer")
@needs("decide")
@only(_MAKERS)
def answer_correction(key: int) -> Response:
    """Confirm the correction that waits, or refuse it."""
    body = read_body()
    corrections.confirm_correction(
        installation(), _document(key), actor=person.name, reason=read_why(body),
        accept=take_flag(body, "accept"),
    )  # fmt: skip
    return _entries(key)


@room.post(f"/decisions/{_KEY}/ending")
@needs("decide")
@only(_MAKERS)
def end_decision(key: int) -> Response:
    """Let a decision end: changed, revoked, void, repaired; lists are corrected at once."""
    body = read_body()
    status = read_word(body, "status", 12)
    if status not in ENDINGS:
        raise InvalidInputError("STEP", "没有这个步骤", "there is no such step", field="status")
    on = read_body_day(body, "on")
    _, corrected = end_and_correct(
        installation(), _document(key), status, on=today() if on is None else on,
        reason=read_why(body), actor=person.name, repair_number=read_word(body, "acceptance", 100),
    )  # fmt: skip
    return jsonify(items=_items(key), **corrected.as_json())


def _entries(key: int) -> Response:
    return jsonify(items=_items(key))


def _items(key: int) -> list[dict[str, Any]]:
    return reading.get_decisions(installation(), person.scope, _document(key))


def _document(key: int) -> str:
    document: str = reading.get_files_of(installation(), person.scope, key)[0].decision["document"]
    return document
