"""An institution acts on its case: answers by matter, with files and undertakings, and objects."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from feewatch.casework.undertakings import Promise, read_contract_lines
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.cases.answers import MatterAnswer, answer
from feewatch.services.cases.objections import object_to
from feewatch.services.cases.own_case import read_own_case
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.attachments import read_form_attachments
from feewatch.web.forms import REASON_MAX, read_form_day, read_form_key, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("own_cases", __name__, may_enter=INSTITUTION, url_prefix="/own/cases")


@room.post("/<number>/answer")
@form_on("institution.case")
def take_answer(number: str) -> Response:
    """Answer the case, matter by matter."""
    asked = read_own_case(installation(), person.scope, number).matters
    given = [_read_answer(each.matter.id) for each in asked]
    remark = request.form.get("remark", "").strip()[:REASON_MAX]
    answer(installation(), number, given, actor=person.name, remark=remark)
    flash(t("答复已提交主管机关", "your answer is with the office"))
    return redirect(url_for("institution.case", number=number))


@room.post("/<number>/objections")
@form_on("institution.case")
def take_objection(number: str) -> Response:
    """Object to a matter, or to the case as a whole."""
    object_to(
        installation(),
        number,
        read_form_key("matter"),
        read_reason(),
        read_form_attachments("proofs"),
        actor=person.name,
    )
    flash(t("陈述申辩已提交主管机关", "your objection is with the office"))
    return redirect(url_for("institution.case", number=number))


def _read_answer(matter_id: int) -> MatterAnswer:
    stance = request.form.get(f"stance_{matter_id}", "")
    return MatterAnswer(
        matter_id,
        stance,
        request.form.get(f"text_{matter_id}", ""),
        read_form_attachments(f"files_{matter_id}"),
        _read_promise(matter_id) if stance == "undertakes" else None,
    )


def _read_promise(matter_id: int) -> Promise:
    """What the institution undertakes about a matter.

    Raises: InvalidInputError.
    """
    due_on = read_form_day(f"due_{matter_id}")
    if due_on is None:
        raise InvalidInputError(
            "UNDERTAKING-DAY",
            "承诺整改的，请填写完成日期",
            "say by which day you will have done it",
            field=f"due_{matter_id}",
        )
    kind = request.form.get(f"kind_{matter_id}", "")
    contracts = request.form.get(f"contracts_{matter_id}", "")
    return Promise(
        kind,
        due_on,
        request.form.get(f"text_{matter_id}", "")[:REASON_MAX],
        matter_id,
        contracts=read_contract_lines(contracts) if kind == "refund" else (),
        covers_to=read_form_day(f"covers_{matter_id}") if kind == "statement" else None,
    )
