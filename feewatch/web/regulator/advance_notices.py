"""Notices before decisions on the desk: put on file, read with their answers, dropped."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.casework.papers import WAYS
from feewatch.credit.advance_notice import STATES
from feewatch.credit.decisions import LEVELS
from feewatch.kernel.people import CASEWORKERS, DECIDERS, OFFICE
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists import advance_notices as service
from feewatch.services.lists import procedure
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_page, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on
from feewatch.web.regulator.decisions import read_file

room = Room("advance_notices", __name__, may_enter=OFFICE, url_prefix="/desk/advance-notices")
_KEY = f"/<int(max={MAX_KEY}):key>"
_TEXTS = ("uscc", "premises", "name", "number", "authority", "served_on", "way", "defend_until",
          "facts")  # fmt: skip
_BASIS = ("document", "level", "clause")


@room.get("/")
def listed() -> str:
    """Notices, those that wait for a decision first."""
    state = read_choice("state", STATES)
    page = procedure.list_notices(installation(), person.scope, state, read_page())
    return render_template(
        "regulator/advance_notices.html", page=page, state=state, states=[*STATES],
        may_serve=person.role in service.SERVERS,
    )  # fmt: skip


@room.get("/new")
@only(frozenset(service.SERVERS))
def new() -> str:
    """The form of a notice."""
    app = installation()
    return render_template(
        "regulator/advance_notice_new.html", terms=rule_book(app).credit_terms, ways=WAYS,
        authorities=[*app.config.authorities], levels=LEVELS,
    )  # fmt: skip


@room.post("/new")
@only(frozenset(service.SERVERS))
@form_on("advance_notices.new")
def serve() -> Redirect:
    """Put a served notice on file."""
    form = {name: text for name in _TEXTS if (text := request.form.get(name, "").strip())}
    sanctions = request.form.getlist("sanctions")[:50]
    basis = {name: request.form.get(f"basis_{name}", "").strip() for name in _BASIS}
    papers = service.read_notice_papers(read_file("file"), read_file("record"))
    values = form | {"sanctions": sanctions, "basis": basis} | _flags()
    key = service.put_on_file(
        installation(), values, papers, actor=person.name, file=t("事先告知", "notice")
    )
    flash(t("已登记，机构已获通知", "on file; the institution is told"))
    return redirect(url_for("advance_notices.show", key=key))


def _flags() -> dict[str, bool]:
    """The hearing where the form says so (what is owed follows from the sanctions), former name."""
    flags = {"former_name": "former_name" in request.form}
    return flags | ({"hearing": True} if "hearing" in request.form else {})


@room.get(_KEY)
def show(key: int) -> str:
    """A notice, what was said of it and what may be done."""
    found = procedure.get_notice_procedure(installation(), person.scope, key)
    return render_template(
        "regulator/advance_notice.html", key=key, found=found, ways=WAYS,
        terms=rule_book(installation()).credit_terms,
    )  # fmt: skip


@room.post(_KEY)
@only(frozenset(CASEWORKERS))
@form_on("advance_notices.show")
def drop(key: int) -> Redirect:
    """End a notice without a decision."""
    procedure.get_notice_procedure(installation(), person.scope, key)
    service.drop(installation(), key, actor=person.name, reason=read_reason())
    flash(t("该事先告知不再处理", "the notice is dropped"))
    return redirect(url_for("advance_notices.show", key=key))


@room.get(f"{_KEY}/<any(document,record):paper>")
@only(DECIDERS)
def paper(key: int, paper: str) -> Response:
    """The notice itself, or the record of its service, to be saved."""
    name, content, media = procedure.get_notice_paper(installation(), person.scope, key, paper)
    return send_file(io.BytesIO(content), media, as_attachment=True, download_name=name)
