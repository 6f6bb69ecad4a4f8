"""Cases: 督查—反馈—整改—回头看."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.casework.cases import STATES
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.cases import desk, notes, steps
from feewatch.services.desk.board import read_board
from feewatch.services.desk.today import case_waits
from feewatch.store.pages.board import SORTS, WAITS
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.attachments import read_form_attachments, send_attachment
from feewatch.web.forms import read_field, read_page, read_reason
from feewatch.web.labels import label
from feewatch.web.language import t
from feewatch.web.refused import form_on
from feewatch.web.regulator.filters import filters_of_address, read_wanted_cases

room = Room("cases", __name__, may_enter=OFFICE, url_prefix="/desk/cases")


@room.get("/")
def board() -> str:
    """Cases, those that wait for the office first."""
    wanted = read_wanted_cases()
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
    found = desk.get_case(installation(), person.scope, number)
    return render_template("regulator/case.html", found=found)


@room.post("/<number>/steps")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def step(number: str) -> Response:
    """Take a step."""
    taken = steps.step(
        installation(),
        number,
        read_field("step", 20),
        actor=person.name,
        reason=read_reason(),
        deadline=_read_deadline(),
    )
    flash(t("已完成：", "done: ") + label("step", taken.step))
    return redirect(url_for("cases.show", number=number))


@room.post("/<number>/notes")
@only(frozenset(CASEWORKERS))
@form_on("cases.show")
def note(number: str) -> Response:
    """Put a note and files into the case."""
    files = read_form_attachments()
    notes.add_note(installation(), number, read_reason(), files, actor=person.name)
    flash(t("已完成：", "done: ") + label("step", "note"))
    return redirect(url_for("cases.show", number=number))


@room.get(f"/<number>/files/<int(max={MAX_KEY}):key>")
def attachment(number: str, key: int) -> Response:
    """A file of the case."""
    return send_attachment(number, key)


def _read_deadline() -> Day | None:
    text = request.form.get("deadline", "")
    day = parse_day(text) if text else None
    if text and day is None:
        raise InvalidInputError(
            "DEADLINE", "期限须为日期", "the deadline must be a day", field="deadline"
        )
    return day
