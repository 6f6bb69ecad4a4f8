"""What districts published, gathered: each district, the merged lists, contradictions, groups."""

from flask import Response, render_template

from feewatch.credit.lists import LISTS
from feewatch.kernel.people import OFFICE
from feewatch.kernel.text import Text
from feewatch.services.paging import Page
from feewatch.services.province import groups, overview
from feewatch.web.access import Room, installation, person
from feewatch.web.forms import read_choice, read_page, read_text
from feewatch.web.lists import file_of_list
from feewatch.web.regulator import list_columns

room = Room("gathered", __name__, may_enter=OFFICE, url_prefix="/desk/gathered")


@room.get("/")
def listed() -> str:
    """Every district with its newest edition, and what of it was refused."""
    app, scope = installation(), person.scope
    return render_template(
        "regulator/gathered.html",
        states=overview.list_states(app, scope),
        standing=overview.STANDING,
        refusals=overview.list_refusals(app, scope),
    )


@room.get("/of/<district>")
def show(district: str) -> str:
    """One district: what was gathered, what was refused."""
    app, scope = installation(), person.scope
    return render_template(
        "regulator/gathered_source.html",
        state=overview.get_state(app, scope, district),
        standing=overview.STANDING,
        editions=overview.list_editions(app, district),
        refusals=overview.list_refusals(app, scope, district),
    )


@room.get("/lists")
def merged() -> str | Response:
    """The newest lists of all districts, by institution."""
    name, text = read_choice("list", LISTS), read_text("text")

    def read(number: int) -> Page:
        return overview.page_entries(installation(), person.scope, name, text, number)

    if file := file_of_list(Text("合并名单", "merged lists"), list_columns.GATHERED, read):
        return file
    return render_template(
        "regulator/gathered_lists.html",
        page=read(read_page()),
        lists=LISTS,
        filters={"list": name, "text": text},
    )


@room.get("/disagreements")
def disagreements() -> str:
    """Where districts contradict each other."""
    return render_template(
        "regulator/gathered_disagreements.html",
        found=overview.list_contradictions(installation(), person.scope),
        kinds=overview.KINDS,
        most=overview.MOST,
    )


@room.get("/groups")
def grouped() -> str:
    """The groups of the office's file, and the institutions of one across districts."""
    app, name = installation(), read_text("group")
    return render_template(
        "regulator/gathered_groups.html",
        groups=groups.read_groups(app),
        file=app.config.gathering.groups,
        name=name,
        members=groups.list_members(app, person.scope, name) if name else [],
    )
