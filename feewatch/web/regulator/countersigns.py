"""双人复核: what may excuse a breach and waits for a second officer, who confirms or refuses it."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.corrections import countersigned
from feewatch.services.people.countersigning import STATES
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_page, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("countersigns", __name__, may_enter=OFFICE, url_prefix="/desk/countersigns")


@room.get("/")
def listed() -> str:
    """Acts within the person's scope, those that wait first."""
    state = read_choice("state", STATES)
    page = countersigned.list_page(installation(), person.scope, state, read_page())
    return render_template("regulator/countersigns.html", page=page, state=state, states=STATES)


@room.post(f"/<int(max={MAX_KEY}):key>/confirm")
@only(frozenset(CASEWORKERS))
@form_on("countersigns.listed")
def confirm(key: int) -> Response:
    """Confirm what another officer asked for."""
    countersigned.confirm(installation(), key, actor=person.name, reason=read_reason())
    flash(t(f"已复核 {key}，即日起算数", f"{key} is confirmed and counts"))
    return redirect(url_for("countersigns.listed"))


@room.post(f"/<int(max={MAX_KEY}):key>/refuse")
@only(frozenset(CASEWORKERS))
@form_on("countersigns.listed")
def refuse(key: int) -> Response:
    """Refuse it, or take back what one asked for oneself."""
    countersigned.refuse(installation(), key, actor=person.name, reason=read_reason())
    flash(t(f"复核 {key} 未通过", f"{key} is refused"))
    return redirect(url_for("countersigns.listed"))
