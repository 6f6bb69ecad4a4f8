"""The district head's page: each figure leads to its rows."""

from flask import render_template

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.people import OFFICE
from feewatch.services.desk import district as service
from feewatch.web.access import Room, installation, person
from feewatch.web.chart import draw_columns

room = Room("district", __name__, may_enter=OFFICE, url_prefix="/desk/district")


@room.get("/")
def show() -> str:
    """Cover, matters by severity and age, statements and months of the person's place."""
    view = service.read_district(installation(), person.scope)
    names = [month.name for month in view.months]
    return render_template(
        "regulator/district.html",
        view=view,
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
