"""Cases: 督查—反馈—整改—回头看."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.casework.cases import STATES
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.cases import desk, steps
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_field, read_page, read_reason
from feewatch.web.labels import label
from feewatch.web.language import t

room = Room("cases", __name__, may_enter=OFFICE, url_prefix="/desk/cases")


@room.get("/")
def board() -> str:
    """Cases, the nearest deadline first."""
    state = read_choice("state", STATES)
    page = desk.list_cases(installation(), person.scope, state, read_page())
    return render_template("regulator/cases.html", page=page, state=state, states=STATES)


@room.get("/<number>")
def show(number: str) -> str:
    """A case with its matters and its history."""
    found = desk.get_case(installation(), person.scope, number)
    return render_template("regulator/case.html", found=found)


@room.post("/<number>/steps")
@only(frozenset(CASEWORKERS))
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


def _read_deadline() -> Day | None:
    text = request.form.get("deadline", "")
    day = parse_day(text) if text else None
    if text and day is None:
        raise InvalidInputError("DEADLINE", "期限须为日期", "the deadline must be a day")
    return day
