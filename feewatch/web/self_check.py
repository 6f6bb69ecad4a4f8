"""Self-check (自查): what the rules would say of a file; on the site and through the API.

An institution asks of itself, officers of an institution in their scope. Nothing is stored.
"""

from flask import Response, jsonify, render_template, request, url_for

from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.services.cases import desk
from feewatch.services.people.quotas import take_look
from feewatch.services.trials.self_check import KINDS, MOST_LINES, SelfCheck, check_file
from feewatch.services.trials.turns import turn
from feewatch.store.pages import PageRow
from feewatch.web import registers_api
from feewatch.web.access import INSTITUTION, PROGRAMS, Room, installation, needs, only, person
from feewatch.web.forms import read_text
from feewatch.web.registers import PROBLEMS_SHOWN, plain_name

room = Room("self_check", __name__, may_enter=INSTITUTION | frozenset(CASEWORKERS), url_prefix="")
#: The room of the API, with all its ways to send something.
api_room = registers_api.room


@room.get("/own/selfcheck")
@only(INSTITUTION)
def own() -> str:
    """The form of an institution."""
    return _page(desk.get_own_facts(installation(), person.scope), None)


@room.post("/own/selfcheck")
@only(INSTITUTION)
def check_own() -> str:
    """What the rules would say of a file of its own."""
    facts = desk.get_own_facts(installation(), person.scope)
    return _page(facts, _checked(facts.uscc))


@room.get("/desk/institutions/<uscc>/selfcheck")
@only(frozenset(CASEWORKERS))
def of_institution(uscc: str) -> str:
    """The form of an officer."""
    return _page(_facts(uscc), None)


@room.post("/desk/institutions/<uscc>/selfcheck")
@only(frozenset(CASEWORKERS))
def check_institution(uscc: str) -> str:
    """What the rules would say of a file of an institution."""
    return _page(_facts(uscc), _checked(uscc))


@api_room.post("/selfcheck/<kind>")
@needs("hand-in")
@only(PROGRAMS)
def self_check(kind: str) -> Response:
    """The same for an institution's program: the body is the file, nothing of it is stored."""
    if request.mimetype == "multipart/form-data":
        raise InvalidInputError(
            "BODY",
            "请求体须为文件原始内容，不用表单（curl --data-binary @文件）",
            "the body is the file itself and no form (curl --data-binary @FILE)",
        )
    app, name = installation(), read_text("name", 300) or kind
    own = Scope(institution_id=person.institution_id or 0)
    uscc = desk.get_own_facts(app, own).uscc if person.institution_id else ""
    checked = _check(uscc, kind, name, request.get_data(cache=False))
    response = jsonify(checked.as_json())
    response.status_code = 422 if checked.laid.is_refused else 200
    return response


def _facts(uscc: str) -> PageRow:
    facts = desk.find_facts(installation(), person.scope, uscc)
    if facts is None:
        raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
    return facts


def _checked(uscc: str) -> SelfCheck:
    kind = request.form.get("kind", "")
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInputError("FILES", "请选择文件", "choose a file", field="file")
    name, data = plain_name(file.filename), file.read()
    return _check(uscc, kind, name, data)


def _check(uscc: str, kind: str, name: str, data: bytes) -> SelfCheck:
    app = installation()
    take_look(app, person, len(data))
    with turn(app, person):
        return check_file(app, person, uscc, kind, name, data)


def _page(facts: PageRow, checked: SelfCheck | None) -> str:
    is_own = person.role == "institution"
    action = url_for("self_check.own") if is_own else url_for(
        "self_check.of_institution", uscc=facts.uscc
    )  # fmt: skip
    return render_template(
        "self_check.html",
        facts=facts,
        checked=checked,
        kinds=KINDS,
        action=action,
        is_own=is_own,
        lines=checked.lines[:MOST_LINES] if checked else (),
        problems=checked.laid.problems[:PROBLEMS_SHOWN] if checked else (),
    )
