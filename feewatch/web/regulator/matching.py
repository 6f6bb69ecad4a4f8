"""Unmatched money with what comes nearest to it; an officer says what it belongs to."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.corrections import weighed_matches
from feewatch.services.intake import matching as service
from feewatch.services.paging import Page
from feewatch.services.people.countersigning import waits
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_page, read_reason, read_text
from feewatch.web.language import say, t
from feewatch.web.lists import file_of_list
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns

room = Room("matching", __name__, may_enter=OFFICE, url_prefix="/desk/matching")


@room.get("/")
def unmatched() -> str | Response:
    """Money that belongs to no contract, what was decided, what channels settled."""
    uscc = read_text("institution", 18).upper()

    def read(number: int) -> Page:
        desk = service.read_desk(installation(), person.scope, uscc, number)
        return Page(desk.rows, desk.total, number)

    if file := file_of_list(Text("未匹配款项", "unmatched"), list_columns.UNMATCHED, read):
        return file
    desk = service.read_desk(installation(), person.scope, uscc, read_page())
    return render_template(
        "regulator/matching.html", desk=desk, uscc=uscc, filters={"institution": uscc}
    )


@room.post("/set")
@only(frozenset(CASEWORKERS))
@form_on("matching.unmatched")
def decide() -> Response:
    """Say what an entry belongs to."""
    key, is_waiting = weighed_matches.set_match(
        installation(),
        read_field("entry"),
        read_field("contract", 60).strip(),
        amount_fen=_read_amount(),
        actor=person.name,
        reason=read_reason(),
    )
    flash(say(waits(key)) if is_waiting else t(f"已匹配，编号 {key}", f"matched: decision {key}"))
    return redirect(url_for("matching.unmatched"))


@room.post(f"/<int(max={MAX_KEY}):key>/undo")
@only(frozenset(CASEWORKERS))
@form_on("matching.unmatched")
def undo(key: int) -> Response:
    """Take a decision back."""
    number, is_waiting = weighed_matches.undo_match(
        installation(), key, actor=person.name, reason=read_reason()
    )
    undone = t(f"已撤销人工匹配 {key}", f"decision {key} is undone")
    flash(say(waits(number)) if is_waiting else undone)
    return redirect(url_for("matching.unmatched"))


def _read_amount() -> int | None:
    text = request.form.get("amount", "").strip()
    fen = parse_yuan(text) if text else None
    if text and fen is None:
        raise InvalidInputError("AMOUNT", "金额无效", "this is no amount in yuan", field="amount")
    return fen
