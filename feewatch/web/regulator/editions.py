"""Editions as the office sees them: what was published, and what the next one would hold."""

from flask import render_template

from feewatch.kernel.clock import today
from feewatch.kernel.people import OFFICE, Scope
from feewatch.services.lists import noticeboard, publication
from feewatch.web.access import Room, installation, person

room = Room("editions", __name__, may_enter=OFFICE, url_prefix="/desk/editions")


@room.get("/")
def history() -> str:
    """The editions of every district within the person's scope."""
    app = installation()
    places = [each for each in noticeboard.list_districts(app) if _is_seen(person.scope, each)]
    found = {place: noticeboard.list_editions(app, place) for place in places}
    return render_template("regulator/editions.html", found=found)


@room.get("/preview")
def preview() -> str:
    """What would be published today; nothing is."""
    day = today()
    drafts = publication.publish(installation(), day, actor=person.name, dry_run=True)
    seen = [each for each in drafts if _is_seen(person.scope, each.district)]
    return render_template("regulator/preview.html", drafts=seen, day=day)


def _is_seen(scope: Scope, district: str) -> bool:
    return scope.sees(district, scope.institution_id)
