"""The quarantine desk: statements set aside, the break marked, decided by two officers."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import DECIDERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.intake import quarantine as service
from feewatch.services.paging import Page
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_page, read_reason
from feewatch.web.language import say
from feewatch.web.lists import file_of_list
from feewatch.web.regulator import list_columns

room = Room("quarantine", __name__, may_enter=OFFICE, url_prefix="/desk/quarantine")
_STEPS = {"release": service.release, "reject": service.reject}
_DONE = {
    "proposed": Text("已提议，待另一名经办人确认", "proposed; another officer has to confirm"),
    "released": Text("已放行，计入账目", "released into the ledger"),
    "rejected": Text("已拒收", "rejected"),
}


@room.get("/")
def listed() -> str | Response:
    """What lies in quarantine and why."""

    def read(number: int) -> Page:
        return service.list_within(installation(), person.scope, number)

    if file := file_of_list(Text("隔离", "quarantine"), list_columns.QUARANTINE, read):
        return file
    page = read(read_page())
    return render_template("regulator/quarantine.html", page=page)


@room.get("/<sha256>/<int(max=999999):n>")
def show(sha256: str, n: int) -> str:
    """A statement with its rows; those that break the chain of balances are marked."""
    page = read_page() if "page" in request.args else None
    found = service.examine(installation(), person.scope, sha256, n, page)
    return render_template("regulator/statement.html", found=found)


@room.get("/<sha256>/lines/<int(max=99999999):line>")
def line(sha256: str, line: int) -> Response:
    """On to the statement that holds a line of its file, at that line."""
    n, page = service.find_line(installation(), person.scope, sha256, line)
    address = url_for("quarantine.show", sha256=sha256, n=n, page=page, _anchor=f"line-{line}")
    return redirect(address)


@room.post("/<sha256>/<int(max=999999):n>")
@only(DECIDERS)
def decide(sha256: str, n: int) -> Response:
    """Propose to release or reject, or confirm what another officer proposed."""
    step = _STEPS.get(read_field("step", 20))
    if step is None:
        raise InvalidInputError("STEP", "没有这一步", "there is no such step", field="step")
    done = step(installation(), sha256, n, actor=person.name, reason=read_reason())
    flash(say(_DONE[done]))
    return redirect(url_for("quarantine.show", sha256=sha256, n=n))
