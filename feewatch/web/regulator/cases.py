"""Cases: 督查—反馈—整改—回头看."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.casework.cases import CONFIRMED_STEPS, STATES
from feewatch.casework.deadlines import WORKING_DAYS
from feewatch.casework.undertakings import KINDS
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.cases import (
    case_page,
    membership,
    notes,
    steps,
    undertakings,
)
from feewatch.services.cases.closing import StepGiven
from feewatch.services.desk.board import read_board
from feewatch.services.desk.today import case_waits
from feewatch.services.paging import Page
from feewatch.store.pages.board import SORTS, WAITS
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.attachments import read_form_attachments, send_attachment
from feewatch.web.forms import (
    REASON_MAX,
    read_field,
    read_form_day,
    read_page,
    read_reason,
    require_confirmation,
)
from feewatch.web.labels import label
from feewatch.web.language import t
from feewatch.web.lists import file_of_list
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns
from feewatch.web.regulator.filters import filters_of_address, read_wanted_cases
from feewatch.web.undertakings import read_promise

room = Room("cases", __name__, may_enter=OFFICE, url_prefix="/desk/cases")


@room.get("/")
def board() -> str | Response:
    """Cases, those that wait for the office first."""
    wanted = read_wanted_cases()

    def read_page_of(number: int) -> Page:
        return read_board(installation(), person, wanted, number).page

    if file := file_of_list(Text("案件", "cases"), list_columns.CASES, read_page_of):
        return file
    read = read_board(installation(), person, wanted, read_page())
    return render_template(
        "regulator/cases.html",
        board=read,
        owners=sorted({*read.owners, person.name} if person.is_decider else read.owners),
        wanted=wanted,
        filters=filters_of_address(),
        states=STATES,
        severities=SEVERITIES[::-1],
        waits=("any", *WAITS),
        sorts=SORTS,
        case_waits=case_waits,
    )


@room.get("/<number>")
def show(number: str) -> str:
    """A case with its matters and its history."""
    shown = case_page.read_case_page(installation(), person, number)
    return render_template(
        "regulator/case.html",
        shown=shown,
        working_days=WORKING_DAYS,
        confirmed_steps=CONFIRMED_STEPS,
        undertaking_kinds=KINDS,
        departments=DEPARTMENTS,
    )


@room.post("/<number>/steps")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def step(number: str) -> Response:
    """Take a step."""
    name = read_field("step", 20)
    require_confirmation(name)
    by_institution = name in ("start", "submit")  # a paper answer that the office records
    given = StepGiven(
        deadline=read_form_day("deadline"),
        recheck_on=read_form_day("recheck_on"),
        against_data=_read_against(),
        early=request.form.get("early", "")[:REASON_MAX],
        files=read_form_attachments(),
        by_institution=by_institution,
    )
    taken = steps.step(
        installation(), number, name, actor=person.name, reason=read_reason(), given=given
    )
    return _done(number, taken.step)


@room.post("/<number>/notes")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def note(number: str) -> Response:
    """Put a note and files into the case."""
    files = read_form_attachments()
    notes.add_note(installation(), number, read_reason(), files, actor=person.name)
    return _done(number, "note")


@room.get(f"/<number>/files/<int(max={MAX_KEY}):key>")
def attachment(number: str, key: int) -> Response:
    """A file of the case."""
    return send_attachment(number, key)


@room.post("/<number>/matters")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def add(number: str) -> Response:
    """Take further matters into the case."""
    keys = _read_keys("matters")
    membership.add_matters(installation(), number, keys, actor=person.name, reason=read_reason())
    return _done(number, "add")


@room.post(f"/<number>/matters/<int(max={MAX_KEY}):key>")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def drop(number: str, key: int) -> Response:
    """Give up a matter of the case."""
    membership.drop_matter(installation(), number, key, actor=person.name, reason=read_reason())
    return _done(number, "drop")


@room.post("/<number>/owner")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def hand_over(number: str) -> Response:
    """Hand the case over to another person."""
    to, reason = read_field("to", 60), read_reason()
    membership.hand_over_case(installation(), number, to, actor=person.name, reason=reason)
    return _done(number, "hand_over")


@room.post("/<number>/undertakings")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def undertake(number: str) -> Response:
    """Put on record what the institution undertook on paper."""
    undertakings.undertake(installation(), number, [read_promise()], actor=person.name)
    return _done(number, "undertake")


@room.post(f"/<number>/undertakings/<int(max={MAX_KEY}):key>")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def fulfil(number: str, key: int) -> Response:
    """Say that an undertaking which no data show was done."""
    app, reason = installation(), read_reason()
    undertakings.settle_by_word(app, number, key, actor=person.name, reason=reason)
    return _done(number, "fulfil")


def _done(number: str, act: str) -> Response:
    flash(t("已完成：", "done: ") + label("step", act))
    return redirect(url_for("cases.show", number=number))


def _read_against() -> str:
    """Why a case is closed against the data; both the tick and the words are asked for."""
    if "against" not in request.form:
        return ""
    return read_field("against_data", REASON_MAX)


def _read_keys(name: str) -> list[int]:
    keys = [read_whole(key, MAX_KEY) for key in request.form.getlist(name)]
    if None in keys:
        raise InvalidInputError("KEY", "事项编号无效", "no such matter number", field=name)
    return [key for key in keys if key is not None]
