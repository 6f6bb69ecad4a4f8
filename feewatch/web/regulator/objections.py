"""Objections of institutions to their cases: taken on paper, and answered."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.people import CASEWORKERS
from feewatch.services.cases.objections import answer_objection, record_objection
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_field, read_form_key, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("objections", __name__, may_enter=frozenset(CASEWORKERS), url_prefix="/desk/cases")


@room.post("/<number>/objections")
@form_on("cases.show")
def record(number: str) -> Response:
    """Put an objection on record that came on paper."""
    key, files = read_form_key("matter"), read_form_attachments("proofs")
    record_objection(installation(), number, key, read_reason(), files, actor=person.name)
    flash(t("书面申辩已登记", "the objection is on record"))
    return redirect(url_for("cases.show", number=number))


@room.post(f"/<number>/objections/<int(max={MAX_KEY}):key>")
@form_on("cases.show")
def answer(number: str, key: int) -> Response:
    """Answer an objection."""
    outcome, files = read_field("outcome", 12), read_form_attachments("proofs")
    answer_objection(installation(), number, key, outcome, read_reason(), files, actor=person.name)
    flash(t("申辩已答复，机构已获通知", "the objection is answered, the institution is told"))
    return redirect(url_for("cases.show", number=number))
