"""Defences, requests for hearings and objections on the desk: taken on paper, answered."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.credit.objections import STATES
from feewatch.kernel.people import CASEWORKERS, DECIDERS, OFFICE
from feewatch.services.lists import decision_objections as service
from feewatch.services.lists import procedure
from feewatch.store.lists.objections import About
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_choice, read_field, read_form_day, read_page, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("defences", __name__, may_enter=OFFICE, url_prefix="/desk/defences")
_KEY = f"<int(max={MAX_KEY}):key>"
_WORKERS = frozenset(CASEWORKERS)


@room.get("/")
def listed() -> str:
    """All that was said, what waits first."""
    state = read_choice("state", STATES)
    page = procedure.list_objections(installation(), person.scope, state, read_page())
    return render_template("regulator/defences.html", page=page, state=state, states=[*STATES])


@room.post(f"/notices/{_KEY}")
@only(_WORKERS)
@form_on("advance_notices.show")
def record_on_notice(key: int) -> Redirect:
    """Put on record what came on paper against a notice."""
    _record(About(key))
    return redirect(url_for("advance_notices.show", key=key))


@room.post(f"/decisions/{_KEY}")
@only(_WORKERS)
@form_on("decisions.show")
def record_on_decision(key: int) -> Redirect:
    """The same against a decision."""
    _record(About(decision_id=key))
    return redirect(url_for("decisions.show", key=key))


@room.post(f"/{_KEY}")
@only(_WORKERS)
@form_on("defences.listed")
def answer(key: int) -> Redirect:
    """Answer what was said."""
    service.answer(
        installation(), key, read_field("outcome", 12), read_reason(),
        read_form_attachments("proofs"), actor=person.name, hearing_on=read_form_day("hearing_on"),
    )  # fmt: skip
    flash(t("已答复，当事人已获通知", "answered; the party is told"))
    back = procedure.find_place(installation(), key)
    endpoint = "decisions.show" if back.advance_notice_id is None else "advance_notices.show"
    return redirect(url_for(endpoint, key=back.advance_notice_id or back.decision_id))


@room.get(f"/files/{_KEY}")
@only(DECIDERS)
def file(key: int) -> Response:
    """A file that came with something said, to be saved."""
    name, content, media = procedure.get_file(installation(), person.scope, key)
    return send_file(io.BytesIO(content), media, as_attachment=True, download_name=name)


def _record(about: About) -> None:
    service.object_to(
        installation(), about, request.form.get("kind", ""), read_reason(),
        read_form_attachments("proofs"), actor=person.name,
        received_on=read_form_day("received_on"),
    )  # fmt: skip
    flash(t("已登记书面材料", "what came on paper is on record"))
