"""The district head's page: each figure leads to its rows."""

from flask import Response, render_template

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.people import OFFICE
from feewatch.kernel.text import Text
from feewatch.services.desk import district as service
from feewatch.services.paging import Page
from feewatch.web.access import Room, installation, person
from feewatch.web.chart import draw_columns
from feewatch.web.forms import read_month, read_page, read_place
from feewatch.web.lists import file_of_list
from feewatch.web.regulator import list_columns
from feewatch.web.regulator.filters import filters_of_address

room = Room("district", __name__, may_enter=OFFICE, url_prefix="/desk/district")


@room.get("/")
def show() -> str:
    """Cover, matters by severity and age, statements and months of the person's place."""
    place = read_place("district")
    view = service.read_district(installation(), person.scope, place)
    names = [month.name for month in view.months]
    return render_template(
        "regulator/district.html",
        view=view,
        place=place,
        bands=service.BANDS,
        ages=service.AGES,
        severities=SEVERITIES[::-1],
        trend=draw_columns(
            names,
            [
                [m.matters for m in view.months],
                [m.cases for m in view.months],
                [m.closed for m in view.months],
            ],
        ),
        covered=draw_columns(
            names, [[int((month.share or 0) * 100) for month in view.months]], most=100
        ),
    )


@room.get("/statements")
def covered() -> str | Response:
    """Accounts with the days of a month that statements cover."""
    month, place = read_month("month", format_day(today())[:7]), read_place("district")

    def read(number: int) -> Page:
        return service.list_month(installation(), person.scope, month, place, number)

    title = Text("对账单覆盖", "days covered")
    if file := file_of_list(title, list_columns.COVERED, read):
        return file
    return render_template(
        "regulator/covered.html", page=read(read_page()), month=month, filters=filters_of_address()
    )
