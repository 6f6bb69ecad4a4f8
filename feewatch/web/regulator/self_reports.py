"""季度核对确认 on the desk: who confirmed what the office holds, who did not, what differs."""

from flask import Response, render_template

from feewatch.kernel.people import OFFICE
from feewatch.kernel.text import Text
from feewatch.services.rounds import self_reports
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.self_reports import ANSWERS, STATES
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, person
from feewatch.web.forms import read_choice, read_text
from feewatch.web.lists import file_of_list, whole
from feewatch.web.regulator import round_columns

room = Room("self_reports", __name__, may_enter=OFFICE, url_prefix="/desk/self-reports")


@room.get("/")
def listed() -> str | Response:
    """The institutions that are asked about a quarter, with the state of each."""
    quarter, state = read_text("quarter", 6), read_choice("state", STATES)
    asked = self_reports.list_asked(installation(), person.scope, quarter)
    shown = [each for each in asked if not state or each.state == state]
    title = Text("季度核对", "confirmations of a quarter")
    if file := file_of_list(title, round_columns.CONFIRMATIONS, whole(shown)):
        return file
    counts = {name: sum(each.state == name for each in asked) for name in STATES}
    return render_template(
        "regulator/self_reports.html",
        asked=shown,
        counts=counts,
        states=STATES,
        chosen=state,
        quarter=quarter or self_reports.asked_quarter().name,
        scheme=rounds_scheme(installation()),
    )


@room.get(f"/<int(max={MAX_KEY}):key>")
def show(key: int) -> str:
    """An institution's answer, line by line."""
    found = self_reports.get_report(installation(), person.scope, key)
    return render_template("regulator/self_report.html", found=found, answers=ANSWERS)
