"""暂缓: white places whose proof fails, each condition that lacks, and an officer's word on it."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.credit.holds import OUTCOMES
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.lists import holds as service
from feewatch.services.people.countersigning import waits
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_reason
from feewatch.web.language import say
from feewatch.web.refused import form_on

room = Room("holds", __name__, may_enter=OFFICE, url_prefix="/desk/holds")


@room.get("/")
def listed() -> str:
    """White places on hold, those that are due first."""
    rows = service.list_holds(installation(), person.scope)
    return render_template("regulator/holds.html", rows=rows, outcomes=OUTCOMES)


@room.post("/")
@only(frozenset(CASEWORKERS))
@form_on("holds.listed")
def decide() -> Response:
    """Keep an institution on the list, or let it leave with the next edition."""
    uscc, outcome = read_field("uscc", 18), read_field("outcome", 10)
    row, number = service.decide_hold(
        installation(), uscc, outcome, actor=person.name, reason=read_reason()
    )
    done = say(OUTCOMES[outcome]) if number is None else say(waits(number))
    flash(f"{done} · {row['name']}")
    return redirect(url_for("holds.listed"))
