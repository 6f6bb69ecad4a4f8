"""What is on file: institutions, statements as received."""

from flask import render_template, request

from feewatch.kernel.people import OFFICE
from feewatch.services import desk
from feewatch.store.pages.files import CHANNELS
from feewatch.web.access import Room, installation, person
from feewatch.web.chart import draw
from feewatch.web.forms import read_choice, read_page, read_text

room = Room("records", __name__, may_enter=OFFICE, url_prefix="/desk")
STATEMENT_STATUSES = ("accepted", "quarantined", "rejected")


@room.get("/institutions")
def institutions() -> str:
    """Institutions by name."""
    text = read_text("text")
    page = desk.list_institutions(installation(), person.scope, text, read_page())
    return render_template("regulator/institutions.html", page=page, text=text)


@room.get("/institutions/<uscc>")
def institution(uscc: str) -> str:
    """All that is on file about an institution."""
    found = desk.get_institution(installation(), person.scope, uscc)
    return render_template("regulator/institution.html", found=found, chart=draw(found.points))


@room.get("/statements")
def statements() -> str:
    """Statements as received, with the reasons of those set aside."""
    status = read_choice("status", STATEMENT_STATUSES)
    found = desk.list_statements(installation(), person.scope, status, read_page())
    return render_template(
        "regulator/statements.html",
        found=found,
        status=status,
        statuses=STATEMENT_STATUSES,
        filters={"status": request.args.get("status", "")},
    )


@room.get("/files")
def files() -> str:
    """Files as received, whatever became of them."""
    status = read_choice("status", STATEMENT_STATUSES)
    channel = read_choice("channel", CHANNELS)
    return render_template(
        "regulator/files.html",
        files=desk.list_files(installation(), person, status, channel, read_page()),
        statuses=STATEMENT_STATUSES,
        channels=CHANNELS,
        filters={"status": status, "channel": channel},
    )
