"""查看完整信息: an officer asks to see accounts, payers or memos whole, with an open matter."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.people import AUDITORS, UNMASKERS
from feewatch.services.audit import unmasking as service
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_field, read_page, read_reason, read_text
from feewatch.web.language import t

room = Room("unmasking", __name__, may_enter=UNMASKERS | AUDITORS, url_prefix="/desk/unmasking")


@room.get("/")
def listed() -> str:
    """What the person asked for, or all that was asked for to who audits; the form to ask."""
    page = service.list_within(installation(), person.name, read_page())
    return render_template(
        "regulator/unmasking.html",
        page=page,
        standing={row["id"] for row in service.list_standing(installation(), person.name)},
        fields=service.FIELDS,
        grounds=service.GROUNDS,
        kind=read_choice("kind", service.GROUNDS),
        ground=read_text("ground", 100),
        minutes=installation().config.people.unmask_minutes,
    )


@room.post("/")
@only(UNMASKERS)
def ask() -> Response:
    """Let the person see whole what they ask for, for a while."""
    row = service.ask(
        installation(), read_field("kind", 12), read_field("ground", 100), actor=person.name,
        reason=read_reason(), fields=request.form.getlist("fields")[:10],
    )  # fmt: skip
    until = row["ends_at"][11:16]
    flash(
        t(
            f"{until} 前可查看完整信息，每次查看均记录",
            f"shown whole until {until}, each look on record",
        )
    )
    return redirect(url_for("unmasking.listed"))
