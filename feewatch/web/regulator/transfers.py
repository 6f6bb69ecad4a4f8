"""移送: cases handed to another department, their evidence, and the receipt."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.transfers import answering, reading, sending
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_choice, read_field, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("transfers", __name__, may_enter=OFFICE, url_prefix="/desk/transfers")
_WORKERS = frozenset(CASEWORKERS)
_ONE = f"/<int(max={MAX_KEY}):key>"


@room.get("/")
def listed() -> str:
    """Cases handed to and by the own department."""
    state = read_choice("state", reading.STATES)
    return render_template(
        "regulator/transfers.html",
        rows=reading.list_transfers(installation(), person.scope, state),
        states=reading.STATES,
        state=state,
    )


@room.post("/of/<number>")
@only(_WORKERS)
@form_on("cases.show")
def send(number: str) -> Redirect:
    """A case is handed to another department, or to a unit outside."""
    key = sending.send(
        installation(), number, request.form.get("to", "")[:12] or None, actor=person.name,
        reason=read_reason(), unit=request.form.get("receiver", "")[:200],
    )  # fmt: skip
    flash(t("已移送，证据包已签名存档", "handed over; the bundle is signed and kept"))
    return redirect(url_for("transfers.show", key=key))


@room.get(_ONE)
def show(key: int) -> str:
    """A transfer with its receipt, or what may be done about it."""
    row = reading.get_transfer(installation(), person.scope, key)
    return render_template(
        "regulator/transfer.html",
        row=row,
        acts=reading.acts_for(person, row),
        states=reading.STATES,
        sees_bundle=person.role in CASEWORKERS,
    )


@room.post(_ONE)
@only(_WORKERS)
@form_on("transfers.show")
def answer(key: int) -> Redirect:
    """The other department answers; the own one takes it back or records a receipt on paper."""
    app, act = installation(), read_field("act", 10)
    if act == "receive":
        number = answering.receive(app, key, actor=person.name, note=read_reason())
        flash(t(f"案件 {number} 已接收", f"case {number} is yours now"))
        return redirect(url_for("cases.show", number=number))
    if act == "return":
        answering.send_back(app, key, actor=person.name, reason=read_reason())
    elif act == "withdraw":
        answering.withdraw(app, key, actor=person.name, reason=read_reason())
    elif act == "receipt":
        answering.record_receipt(app, key, _read_receipt(), actor=person.name, reason=read_reason())
    else:
        raise InvalidInputError("ACT", "没有这个操作", "there is no such act", field="act")
    flash(t("已记录", "on record"))
    return redirect(url_for("transfers.show", key=key))


@room.get(f"{_ONE}/bundle")
@only(_WORKERS)
def bundle(key: int) -> Response:
    """The signed evidence, to be saved and sent."""
    name, content = reading.load_bundle(installation(), person.scope, key)
    return send_file(io.BytesIO(content), "application/zip", as_attachment=True, download_name=name)


@room.get(f"{_ONE}/receipt")
def receipt(key: int) -> Response:
    """A receipt that came on paper, to be saved."""
    name, content, media_type = reading.load_receipt(installation(), person.scope, key)
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)


def _read_receipt() -> answering.Receipt:
    files = read_form_attachments("file")
    day = parse_day(read_field("on", 10))
    if day is None:
        raise InvalidInputError("DAY", "请填写日期", "give a day", field="on")
    if len(files) != 1:
        raise InvalidInputError(
            "RECEIPT-FILE", "请附上回执的扫描件", "add the receipt as a file", field="file"
        )
    return answering.Receipt(
        read_field("by", 120), day, request.form.get("receipt_no", "")[:120], files[0],
        is_taken=request.form.get("outcome") != "returned",
    )  # fmt: skip
