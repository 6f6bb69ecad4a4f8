"""白名单条件 as the institution sees its own: what lacks, since when, and what it can hand in."""

from flask import render_template, url_for

from feewatch.credit.conditions import TITLES
from feewatch.credit.eligibility import Line
from feewatch.kernel.clock import today
from feewatch.services.lists import white as service
from feewatch.web.access import INSTITUTION, Room, installation, person

room = Room("own_white", __name__, may_enter=INSTITUTION, url_prefix="/own/white")


@room.get("/")
def show() -> str:
    """Every condition of the institution."""
    as_of = today()
    place = service.get_own_white(installation(), person.scope, as_of)
    district = place.assessment.standing.district
    return render_template(
        "institution/white.html",
        place=place,
        as_of=as_of,
        titles=TITLES,
        suppliers=service.SUPPLIERS,
        terms=service.list_terms(installation(), district, as_of),
        rows_of=_rows_of,
    )


def _rows_of(line: Line) -> str:
    """The page on which the institution finds the rows of a condition, or hands them in."""
    if line.code == "STATEMENTS":
        return url_for("institution.upload")
    if line.code in ("LICENCE", "ACCOUNT", "REGISTERS"):
        return url_for("registers.page")
    if line.code == "CASE" and line.datum:
        return url_for("institution.case", number=line.datum)
    if line.code in ("CASE", "DECISION"):
        return url_for("institution.status")
    return url_for("institution.month_ledger")
