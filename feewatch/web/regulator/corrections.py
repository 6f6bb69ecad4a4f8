"""The desk of proposals: what institutions ask to have corrected, what it would change, decided."""

from flask import Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from feewatch.casework.proposals import STATES
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.corrections import deciding, reading
from feewatch.services.paging import Page
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_field, read_page, read_reason
from feewatch.web.handing import send_voucher
from feewatch.web.labels import label
from feewatch.web.language import t
from feewatch.web.lists import file_of_list
from feewatch.web.regulator import list_columns

room = Room("corrections", __name__, may_enter=OFFICE, url_prefix="/desk/proposals")


@room.get("/")
def listed() -> str | Answer:
    """Proposals, those that wait first."""
    state = read_choice("state", STATES)

    def read(number: int) -> Page:
        return reading.list_proposals(installation(), person.scope, state, number)

    if file := file_of_list(Text("提请更正", "proposals"), list_columns.PROPOSALS, read):
        return file
    page = read(read_page())
    return render_template("regulator/proposals.html", page=page, state=state, states=[*STATES])


@room.get(f"/<int(max={MAX_KEY}):key>")
def show(key: int) -> str:
    """A proposal: old and new, why, and what its acceptance would change."""
    found = reading.get_proposal(installation(), person.scope, key, with_effect=True)
    return render_template("regulator/proposal.html", found=found)


@room.post(f"/<int(max={MAX_KEY}):key>")
@only(frozenset(CASEWORKERS))
def decide(key: int) -> Answer:
    """Accept, refuse, or ask for a voucher."""
    step = read_field("step", 20)
    deciding.decide(installation(), [key], step, actor=person.name, reason=read_reason())
    flash(t("已完成：", "done: ") + label("correction_step", step))
    return redirect(url_for("corrections.show", key=key))


@room.get(f"/<int(max={MAX_KEY}):key>/voucher")
def voucher(key: int) -> Response:
    """The voucher of a proposal."""
    return send_voucher(key)
