"""审计: the trail for those who look after it: filtered, row by row, given out."""

from flask import Response, render_template, stream_with_context

from feewatch.kernel.days import format_day
from feewatch.kernel.people import AUDITORS
from feewatch.kernel.text import Text
from feewatch.services.audit import exporting, looking
from feewatch.services.audit.last_proof import MOST_LINKS
from feewatch.services.paging import Page
from feewatch.store.trail import WantedActs
from feewatch.web.access import Room, installation, person
from feewatch.web.forms import read_day_if_typed, read_page, read_text
from feewatch.web.lists import file_of_list
from feewatch.web.regulator import audit_columns

room = Room("audit", __name__, may_enter=AUDITORS, url_prefix="/desk/audit")


@room.get("/")
def listed() -> str | Response:
    """The rows that are asked for, newest first."""
    wanted, name = _wanted(), person.name

    def read(number: int) -> Page:
        return looking.list_acts(installation(), name, wanted, number)

    if file := file_of_list(Text("审计记录", "audit trail"), audit_columns.AUDIT, read):
        return file
    filters = {key: value for key, value in wanted._asdict().items() if value}
    return render_template(
        "regulator/audit.html",
        page=read(read_page()),
        wanted=wanted,
        filters=filters,
        actions=looking.list_actions(installation()),
    )


@room.get("/rows/<int:n>")
def show(n: int) -> str:
    """One row: who, when, which way, what it changed, and its place in the chain."""
    act = looking.get_act(installation(), person.name, n)
    return render_template("regulator/audit_row.html", act=act)


@room.get("/chain")
def chain() -> str:
    """Whether the chain is whole and agrees with the anchors, as it is now."""
    state = looking.read_state(installation(), person.name)
    return render_template("regulator/audit_chain.html", state=state, most=MOST_LINKS)


@room.get("/lines")
def lines() -> Response:
    """What is asked for as JSON lines, with hashes, to be proven elsewhere."""
    looking.require_auditor(installation(), person.name)
    given = exporting.export(installation(), _wanted(), "jsonl", actor=person.name)
    head = {"Content-Disposition": "attachment; filename=audit.jsonl"}
    text = stream_with_context(f"{line}\n" for line in given)
    return Response(text, mimetype="application/x-ndjson", headers=head)


def _wanted() -> WantedActs:
    first, last = read_day_if_typed("first"), read_day_if_typed("last")
    return WantedActs(
        read_text("actor", 60),
        read_text("action", 40),
        read_text("object", 200),
        "" if first is None else format_day(first),
        "" if last is None else format_day(last),
    )
