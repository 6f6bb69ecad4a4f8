"""白名单条件: who lacks what, one line a condition, each with a link to its rows."""

from flask import Response, render_template, url_for

from feewatch.credit.conditions import TITLES
from feewatch.credit.eligibility import Line
from feewatch.kernel.clock import today
from feewatch.kernel.people import OFFICE
from feewatch.kernel.text import Text
from feewatch.services.lists import white as service
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.web.access import Room, installation, person
from feewatch.web.forms import read_choice, read_day_if_typed, read_page, read_place
from feewatch.web.lists import file_of_list, whole
from feewatch.web.regulator import list_columns

room = Room("white", __name__, may_enter=OFFICE, url_prefix="/desk/white")


@room.get("/")
def listed() -> str | Response:
    """The institutions of the person's place, how many lack which condition, and who."""
    as_of = read_day_if_typed("as_of") or today()
    view = service.read_white(installation(), person.scope, as_of)
    filters = {
        "lacking": read_choice("lacking", TITLES),
        "state": read_choice("state", service.STATES),
        "district": read_place("district"),
        "sort": read_choice("sort", service.SORTS),
    }
    places = service.choose_places(view, **filters)
    title = Text("白名单条件", "conditions of the white list")
    if file := file_of_list(title, list_columns.WHITE, whole(places)):
        return file
    number = read_page()
    rows = places[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "regulator/white.html",
        view=view,
        page=Page(rows, len(places), number),
        titles=TITLES,
        states=service.STATES,
        sorts=service.SORTS,
        districts=sorted({each.assessment.standing.district for each in view.places}),
        filters=filters | ({"as_of": view.as_of} if as_of != today() else {}),
    )


@room.get("/<uscc>")
def show(uscc: str) -> str:
    """Every condition of one institution."""
    as_of = read_day_if_typed("as_of") or today()
    place = service.get_white(installation(), person.scope, uscc, as_of)
    district = place.assessment.standing.district
    return render_template(
        "regulator/white_place.html",
        place=place,
        as_of=as_of,
        titles=TITLES,
        states=service.STATES,
        suppliers=service.SUPPLIERS,
        terms=service.list_terms(installation(), district, as_of),
        rows_of=lambda line: _rows_of(line, uscc),
    )


def _rows_of(line: Line, uscc: str) -> str:
    """The page that has the rows of a condition."""
    if line.code == "REGISTERS":
        return url_for("records.institution", uscc=uscc, _anchor="coverage")
    if line.code in ("BAL-COVER", "DEP-MIN"):
        return url_for("records.month_ledger", uscc=uscc)
    if line.code == "UNEXPLAINED":
        return url_for("matching.unmatched", institution=uscc)
    if line.code == "CASE":
        number = line.datum
        return url_for("cases.show", number=number) if number else url_for("cases.board")
    if line.code == "DECISION":
        return url_for("decisions.listed")
    return url_for("records.institution", uscc=uscc)
