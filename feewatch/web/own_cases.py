"""An institution acts on its case: answers by matter, with files, and objects."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from feewatch.services.cases.answers import MatterAnswer, answer
from feewatch.services.cases.objections import object_to
from feewatch.services.cases.own_case import read_own_case
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("own_cases", __name__, may_enter=INSTITUTION, url_prefix="/own/cases")
_LONGEST = 2000


@room.post("/<number>/answer")
@form_on("institution.case")
def take_answer(number: str) -> Response:
    """Answer the case, matter by matter."""
    asked = read_own_case(installation(), person.scope, number).matters
    given = [_read_answer(each.matter.id) for each in asked]
    remark = request.form.get("remark", "").strip()[:_LONGEST]
    answer(installation(), number, given, actor=person.name, remark=remark)
    flash(t("答复已提交主管机关", "your answer is with the office"))
    return redirect(url_for("institution.case", number=number))


@room.post("/<number>/objections")
@form_on("institution.case")
def take_objection(number: str) -> Response:
    """Object to a matter, or to the case as a whole."""
    chosen = request.form.get("matter", "0")
    key = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 10 else -1
    object_to(
        installation(),
        number,
        key or None,
        read_reason(),
        read_form_attachments("proofs"),
        actor=person.name,
    )
    flash(t("陈述申辩已提交主管机关", "your objection is with the office"))
    return redirect(url_for("institution.case", number=number))


def _read_answer(matter_id: int) -> MatterAnswer:
    return MatterAnswer(
        matter_id,
        request.form.get(f"stance_{matter_id}", ""),
        request.form.get(f"text_{matter_id}", ""),
        read_form_attachments(f"files_{matter_id}"),
    )
