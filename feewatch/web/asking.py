"""Is this the right account, and a clue: what anybody may send without an account.

No word of a session is asked for: nothing is done in anybody's name, and a page with such a word
could be kept by nobody. A form that another site makes a browser send is refused.
"""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.clock import today
from feewatch.kernel.errors import ForbiddenError
from feewatch.services.cases.places import CLUE_STATES
from feewatch.services.public import asking, board
from feewatch.services.public.asking import ClueText
from feewatch.store.audit import come_from
from feewatch.web.access import ANYONE, Room, installation
from feewatch.web.forms import read_field, read_text
from feewatch.web.public import show_institution
from feewatch.web.refused import form_on

room = Room("asking", __name__, may_enter=ANYONE, url_prefix="/")


@room.post("/institutions/<uscc>/account")
@form_on("public.institution")
def account(uscc: str) -> str:
    """Whether a number is that of the institution's supervised account: yes or no."""
    _refuse_other_sites()
    number = read_field("account", 60)
    answer = asking.is_right_account(installation(), uscc, number, request.remote_addr or "")
    return show_institution(uscc, answer)


@room.get("/report")
def report() -> str:
    """The form of a clue, with whom else one may tell."""
    app, uscc = installation(), read_text("uscc", 18).upper()
    facts = board.find_facts(app, uscc) if uscc else None
    published = [edition.district for edition in board.read_posted(app).districts]
    return render_template(
        "public/report.html",
        uscc=uscc,
        facts=facts,
        districts=asking.list_districts(app, published),
        today=today(),
    )


@room.post("/report")
@form_on("asking.report")
def hand_in() -> Response:
    """Put a clue on file; its number is told on the page of its state."""
    _refuse_other_sites()
    form = request.form
    told = ClueText(
        form.get("district", "").strip(),
        read_field("text", asking.TEXT_MOST),
        form.get("uscc", "").strip().upper()[:40],
        form.get("address", "").strip()[: asking.ADDRESS_MOST],
    )
    caller = request.remote_addr or ""
    come_from("site", "")  # who told it is nobody's to know: no address goes on record
    number = asking.hand_in_clue(installation(), told, caller)
    return redirect(url_for("asking.clue", number=number, told="1"))


@room.get("/report/<number>")
def clue(number: str) -> str:
    """The state of a clue by its number, and nothing else of it."""
    state = asking.get_clue_state(installation(), number)
    return render_template(
        "public/clue.html", number=number, state=CLUE_STATES[state],
        is_told="told" in request.args,
    )  # fmt: skip


def _refuse_other_sites() -> None:
    """Nothing, or a refusal of a form that a page of another site sent.

    Raises: ForbiddenError.
    """
    site, origin = request.headers.get("Sec-Fetch-Site", ""), request.headers.get("Origin", "")
    is_own = site in ("", "same-origin", "none")
    if not is_own or (origin and origin.partition("://")[2] != request.host):
        raise ForbiddenError(
            "OTHER-SITE", "请在本站页面上填写", "fill in the form on this site itself"
        )
