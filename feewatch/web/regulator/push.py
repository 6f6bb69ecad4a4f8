"""Subscribers of editions: what each took last, what waits or failed; pause and replay."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import OFFICE, SYSTEM
from feewatch.kernel.text import Text
from feewatch.services.lists import subscribers
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_reason
from feewatch.web.language import say
from feewatch.web.refused import form_on

room = Room("push", __name__, may_enter=OFFICE | SYSTEM, url_prefix="/desk/push")
_REPLAYED = Text("将重新推送 {} 期", "{} editions are sent again")


@room.get("/")
def listed() -> str:
    """Every subscriber and what it is owed."""
    app = installation()
    return render_template(
        "regulator/push.html",
        states=subscribers.list_subscribers(app),
        steerers=subscribers.STEERERS,
        open_parcels=subscribers.list_open(app),
        results=subscribers.list_results(app),
    )


@room.post("/")
@only(subscribers.STEERERS)
@form_on("push.listed")
def steer() -> Response:
    """Pause or resume a subscriber, or send it editions again."""
    app, actor, reason = installation(), person.name, read_reason()
    name, act = read_field("name", 60), read_field("act", 10)
    if act == "pause":
        subscribers.pause(app, name, actor=actor, reason=reason)
    elif act == "resume":
        subscribers.resume(app, name, actor=actor, reason=reason)
    elif act == "replay":
        first = _number("first")
        count = subscribers.replay(
            app, name, actor=actor, reason=reason, first=first,
            last=first if "one" in request.form else None,
            district=request.form.get("district", "").strip()[:6] or None,
        )  # fmt: skip
        flash(say(_REPLAYED).format(count))
    else:
        raise InvalidInputError("ACT", "没有这个操作", "there is no such act", field="act")
    return redirect(url_for("push.listed"))


def _number(name: str) -> int:
    number = read_whole(read_field(name, 9).strip())
    if number is None:
        raise InvalidInputError("NUMBER", "应为期号", "a number is wanted", field=name)
    return number
