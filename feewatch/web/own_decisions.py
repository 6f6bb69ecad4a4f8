"""Decisions as their institution sees them: notices before them, what it says, what is answered."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.casework.papers import WAYS
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists import decision_objections as service
from feewatch.services.lists import procedure
from feewatch.store.lists.objections import About
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_form_key, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("own_decisions", __name__, may_enter=INSTITUTION, url_prefix="/own/decisions")
_KEY = f"<int(max={MAX_KEY}):key>"


@room.get("/")
def listed() -> str:
    """Notices to the institution, decisions that are considered and those that were made."""
    found = procedure.list_own(installation(), person.scope)
    return render_template("institution/decisions.html", found=found)


@room.get(f"/notices/{_KEY}")
def notice(key: int) -> str:
    """A notice before a decision."""
    return _page(procedure.get_notice_procedure(installation(), person.scope, key))


@room.get(f"/{_KEY}")
def decision(key: int) -> str:
    """A decision, considered or made."""
    return _page(procedure.get_decision_procedure(installation(), person.scope, key))


@room.post(f"/notices/{_KEY}")
@form_on("own_decisions.notice")
def answer_notice(key: int) -> Redirect:
    """Speak against what a notice tells, or ask for a hearing."""
    _say(About(key))
    return redirect(url_for("own_decisions.notice", key=key))


@room.post(f"/{_KEY}")
@form_on("own_decisions.decision")
def object_to_decision(key: int) -> Redirect:
    """Speak against a decision, or against a correction of it."""
    _say(About(None, key, read_form_key("correction")))
    return redirect(url_for("own_decisions.decision", key=key))


@room.post(f"/said/{_KEY}/withdraw")
@form_on("own_decisions.listed")
def withdraw(key: int) -> Redirect:
    """Take back what is not answered yet."""
    service.withdraw(installation(), key, actor=person.name, reason=read_reason())
    flash(t("已撤回", "taken back"))
    return redirect(url_for("own_decisions.listed"))


@room.get(f"/files/{_KEY}")
def file(key: int) -> Response:
    """A file that came with what the institution said, or with the answer."""
    name, content, media = procedure.get_file(installation(), person.scope, key)
    return send_file(io.BytesIO(content), media, as_attachment=True, download_name=name)


@room.get(f"/notices/{_KEY}/<any(document,record):paper>")
def paper(key: int, paper: str) -> Response:
    """The notice itself, or the record of its service, to be saved."""
    name, content, media = procedure.get_notice_paper(installation(), person.scope, key, paper)
    return send_file(io.BytesIO(content), media, as_attachment=True, download_name=name)


def _page(found: procedure.Procedure) -> str:
    return render_template(
        "institution/decision.html", found=found, ways=WAYS,
        terms=rule_book(installation()).credit_terms, is_open=procedure.is_window_open(found),
    )  # fmt: skip


def _say(about: About) -> None:
    service.object_to(
        installation(), about, request.form.get("kind", ""), read_reason(),
        read_form_attachments("proofs"), actor=person.name,
    )  # fmt: skip
    flash(t("已提交主管机关", "it is with the office"))
