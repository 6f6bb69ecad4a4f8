"""Editions as the office sees them: what was published, and what the next one would hold."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.people import OFFICE, Scope
from feewatch.services.lists import noticeboard
from feewatch.web.access import Room, installation, person

room = Room("editions", __name__, may_enter=OFFICE, url_prefix="/desk/editions")


@room.get("/")
def history() -> str:
    """The editions of every district within the person's scope."""
    app = installation()
    places = [each for each in noticeboard.list_districts(app) if _is_seen(person.scope, each)]
    found = {place: noticeboard.list_editions(app, place) for place in places}
    gathering = app.config.gathering
    return render_template(
        "regulator/editions.html", found=found, gathers=bool(gathering.sources),
        is_asked=bool(gathering.superiors),
    )  # fmt: skip


@room.get("/preview")
def preview() -> Response:
    """Where the preview stood before it became the publisher's page."""
    return redirect(url_for("publication.show"))


def _is_seen(scope: Scope, district: str) -> bool:
    return scope.sees(district, scope.institution_id)
