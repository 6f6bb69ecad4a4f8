"""Confirmations (对账函): statements that an institution alone tells, letters to banks, answers."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.clock import today
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import CASEWORKERS, DECIDERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.cases import confirmation_papers
from feewatch.services.intake import confirmations as service
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.formats import DOCX
from feewatch.web.forms import read_days, read_field, read_reason
from feewatch.web.language import say
from feewatch.web.lists import file_of_list, whole
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns

room = Room("confirmations", __name__, may_enter=OFFICE, url_prefix="/desk/confirmations")
_WORKERS = frozenset(CASEWORKERS)
_MADE = Text("文书已制作", "made: the letter")
_WRITTEN = Text("对账函已生成", "written: letters")
_ANSWERED = {
    "proposed": Text("回函已登记，待另一名经办人确认", "on record; another officer has to confirm"),
    "differs": Text("回函已登记：不符", "on record: the bank differs"),
}
_CONFIRMED = Text("已确认相符", "confirmed: the bank agrees")


@room.get("/")
def listed() -> str | Response:
    """What no bank has stood by yet, and the letters."""
    desk = service.read_desk(installation(), person.scope)
    title = Text("对账函", "confirmations")
    if file := file_of_list(title, list_columns.LETTERS, whole(desk.letters)):
        return file
    return render_template("regulator/confirmations.html", desk=desk, may_work=_may_work())


@room.post("/")
@only(_WORKERS)
@form_on("confirmations.listed")
def ask() -> Redirect:
    """Letters about the statements picked, or about some drawn by chance."""
    reason, size = read_reason(), _optional("size", 6)
    if size:
        numbers = service.draw(
            installation(), _number(size), actor=person.name, reason=reason,
            seed=_optional("seed", 40) or None,
        )  # fmt: skip
    else:
        keys = {_number(each) for each in request.form.getlist("statement")[:500]}
        numbers = service.ask(
            installation(), keys, actor=person.name, reason=reason, days=read_days("days")
        )
    confirmation_papers.make_letters(installation(), numbers, actor=person.name)
    flash(f"{say(_WRITTEN)} {'、'.join(numbers)}")
    return redirect(url_for("confirmations.listed"))


@room.get("/<number>")
def letter(number: str) -> str:
    """A letter with what it asks and what was answered."""
    found = service.get_letter(installation(), person.scope, number)
    return render_template(
        "regulator/confirmation.html",
        found=found,
        paper=confirmation_papers.find_paper(installation(), person.scope, number),
        may_work=_may_work(),
        today=today(),
    )


@room.get("/<number>/letter.docx")
@only(DECIDERS)
def document(number: str) -> Response:
    """The letter as DOCX, with whole account numbers."""
    content = confirmation_papers.load_document(installation(), person, number)
    return send_file(io.BytesIO(content), DOCX, as_attachment=True, download_name=f"{number}.docx")


@room.post("/<number>/letter")
@only(_WORKERS)
@form_on("confirmations.letter")
def make(number: str) -> Redirect:
    """Make the letter, where none stands."""
    made = confirmation_papers.make_letter(installation(), number, actor=person.name)
    flash(f"{say(_MADE)} {made.number}")
    return redirect(url_for("papers.show", key=made.key))


@room.post("/<number>")
@only(_WORKERS)
@form_on("confirmations.letter")
def answer(number: str) -> Redirect:
    """The bank's answer, or the word of a second officer on it."""
    if _optional("step", 10) == "confirm":
        service.confirm(installation(), number, actor=person.name)
        flash(say(_CONFIRMED))
    else:
        file = request.files.get("answer")
        status = service.answer(
            installation(), number, read_field("outcome", 10), actor=person.name,
            on=_day("on"), content=file.read() if file else b"",
            note=_optional("note", 500),
            items={_number(each) for each in request.form.getlist("item")[:500]},
            days=read_days("days"),
        )  # fmt: skip
        flash(say(_ANSWERED[status]))
    return redirect(url_for("confirmations.letter", number=number))


def _may_work() -> bool:
    return person.role in _WORKERS


def _optional(name: str, longest: int) -> str:
    return request.form.get(name, "").strip()[:longest]


def _day(name: str) -> int:
    day = parse_day(read_field(name, 10))
    if day is None:
        raise InvalidInputError("DAY", "请填写日期", "give a day", field=name)
    return day


def _number(text: str) -> int:
    number = read_whole(text, MAX_KEY)
    if number is None:
        raise InvalidInputError("NUMBER", "应为整数", "a whole number is wanted", field="size")
    return number
