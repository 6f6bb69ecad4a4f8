"""退回更正: entries that an office above sends back, and what the district answers."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import OFFICE
from feewatch.publication.correction_notes import MOST_BYTES, OUTCOMES
from feewatch.services.province import answering, asking
from feewatch.services.province.visiting import take
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("sent_back", __name__, may_enter=OFFICE, url_prefix="/desk/sent-back")
_ASKERS = frozenset(asking.ASKERS)
_ONE = f"/<int(max={MAX_KEY}):key>"
_OF_ENTRY = f"/of/<int(max={MAX_KEY}):key>"


@room.get("/")
def listed() -> str:
    """Requests made and received."""
    return render_template(
        "regulator/sent_back.html",
        rows=asking.list_requests(installation(), person.scope),
        outcomes=OUTCOMES,
        may_act=person.role in _ASKERS,
    )


@room.post("/")
@only(_ASKERS)
@form_on("sent_back.listed")
def take_in() -> Redirect:
    """A signed request or answer that came as a file."""
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file is not None else b""
    if not content:
        raise InvalidInputError("FILE", "请选择文件", "choose a file", field="file")
    number = take(installation(), content, actor=person.name, scope=person.scope)
    flash(t(f"已收：{number}", f"taken in: {number}"))
    return redirect(url_for("sent_back.listed"))


@room.get(_ONE)
def show(key: int) -> str:
    """One request with its answer, or the form of it."""
    app = installation()
    row = asking.get_request(app, person.scope, key)
    is_ours = row.direction == "out"
    return render_template(
        "regulator/sent_back_one.html",
        row=row,
        outcomes=OUTCOMES,
        stands=asking.is_listed_still(app, row) if is_ours else None,
        may_answer=not is_ours and row.outcome is None and person.role in _ASKERS,
    )


@room.post(_ONE)
@only(_ASKERS)
@form_on("sent_back.show")
def answer(key: int) -> Redirect:
    """The district's answer, signed."""
    answering.answer(
        installation(), key, read_field("outcome", 10), actor=person.name, reason=read_reason(),
        edition=_edition(),
    )  # fmt: skip
    flash(t("已答复，答复已签名", "answered; the answer is signed"))
    return redirect(url_for("sent_back.show", key=key))


@room.get(_OF_ENTRY)
@only(_ASKERS)
def form(key: int) -> str:
    """The form by which an entry of a district is sent back."""
    entry = asking.get_entry(installation(), person.scope, key)
    return render_template("regulator/sent_back_form.html", entry=entry)


@room.post(_OF_ENTRY)
@only(_ASKERS)
@form_on("sent_back.form")
def send(key: int) -> Redirect:
    """The entry is sent back, with a signed request."""
    made = asking.ask(installation(), key, actor=person.name, reason=read_reason())
    flash(t("已提出，请求已签名", "made; the request is signed"))
    return redirect(url_for("sent_back.show", key=made))


@room.get(f"{_ONE}/<any(request, answer):part>")
def document(key: int, part: str) -> Response:
    """The signed request or answer, to be saved and handed over."""
    row = asking.get_request(installation(), person.scope, key)
    content = row.message if part == "request" else row.answer
    if content is None:
        raise asking.unknown_request(str(key))
    return send_file(
        io.BytesIO(content.encode()), "application/json", as_attachment=True,
        download_name=f"{row.number}-{part}.json",
    )  # fmt: skip


def _edition() -> int | None:
    text = request.form.get("edition", "").strip()
    number = read_whole(text, MAX_KEY)
    if text and not number:
        raise InvalidInputError("NUMBER", "应为期号", "a number is wanted", field="edition")
    return number
