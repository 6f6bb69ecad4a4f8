"""Drafts of rules beside the live book: what they would find and whom they would turn.

Reading only: a draft opens no alert and changes no list.
"""

from flask import render_template, request, url_for

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.services.packs.standing import list_packs
from feewatch.services.trials.shadow import Shadowed, list_drafts
from feewatch.web.access import Room, installation
from feewatch.web.computing import list_recent, result_of
from feewatch.web.forms import read_day
from feewatch.web.regulator.monitoring import JURISTS

room = Room("drafts", __name__, may_enter=JURISTS, url_prefix="/desk/drafts")
#: As many subjects of a rule as the page lists; the command line lists all.
MOST = 100


@room.get("/")
def shadow() -> str:
    """The drafts, on demand both books' outcomes side by side; and which packs are in force."""
    app, as_of = installation(), read_day("as_of") or today()
    is_asked = bool(request.args.get("run"))
    return render_template(
        "regulator/shadow.html",
        folders=app.config.rules.shadow,
        drafts=list_drafts(app),
        compared=_compare(as_of) if is_asked else None,
        as_of=as_of,
        most=MOST,
        recent=list_recent("shadow"),
        packs=list_packs(app.config),
    )


def _compare(as_of: Day) -> list[Shadowed]:
    day = format_day(as_of)
    compared: list[Shadowed] = result_of(
        "shadow", {"as_of": day}, url_for("drafts.shadow", run=1, as_of=day)
    )
    return compared
