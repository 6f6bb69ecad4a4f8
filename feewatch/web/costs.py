"""What may be charged and what a refund would come to: two forms that anybody may fill in.

They only ask (GET): what was typed stands in the address, nothing is stored, nobody is named.
"""

from typing import NamedTuple

from flask import render_template, request

from feewatch.kernel.clock import today
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.public import asking, board, charging, refunding
from feewatch.services.public.charging import ChargeQuestion
from feewatch.services.public.refunding import RefundQuestion
from feewatch.web.access import ANYONE, Room, installation
from feewatch.web.forms import read_choice, read_day_if_typed, read_number, read_place, read_yuan

room = Room("costs", __name__, may_enter=ANYONE, url_prefix="/")

_LESSONS_MOST, _CLASS_MOST, _MINUTES_MOST = 2000, 500, 600


class QuestionPlace(NamedTuple):
    """Where a question is about: an institution on the register, or a district by itself."""

    uscc: str
    name: str  # empty: no institution, or none that the register knows
    district: str
    subject: str
    districts: list[str]


@room.get("/charge")
def charge() -> str:
    """What may be charged: a form, and with ``stage`` filled in the answer."""
    asked = _read_asked()
    stage = read_choice("stage", charging.STAGES)
    question = _read_charge(asked, stage) if stage else None
    return render_template(
        "public/charge.html",
        asked=asked,
        answer=charging.assess_charge(installation(), question) if question else None,
        question=question,
        choices=charging,
    )


@room.get("/refund")
def refund() -> str:
    """What a refund would come to: a form, and with ``fee`` filled in the estimate."""
    asked = _read_asked()
    question = _read_contract(asked) if request.args.get("fee") else None
    return render_template(
        "public/refund.html",
        asked=asked,
        estimate=refunding.estimate_refund(installation(), question) if question else None,
        question=question,
        causes=refunding.CAUSES,
    )


def _read_asked() -> QuestionPlace:
    app, uscc = installation(), request.args.get("uscc", "").strip().upper()
    if uscc and not is_credit_code(uscc):
        raise InvalidInputError(
            "CREDIT-CODE", "不是统一社会信用代码", "this is no credit code", field="uscc"
        )
    if uscc:
        facts = board.find_facts(app, uscc)
        if facts is not None:
            return QuestionPlace(uscc, facts.name, facts.district, facts.subject, [])
    published = [edition.district for edition in board.read_posted(app).districts]
    districts = asking.list_districts(app, published)
    district = read_place("district") or app.config.office.district
    return QuestionPlace(uscc, "", district, read_choice("subject", charging.SUBJECTS), districts)


def _read_charge(asked: QuestionPlace, stage: str) -> ChargeQuestion:
    if not asked.subject:
        raise InvalidInputError("FIELD", "请选择", "choose one", field="subject")
    return ChargeQuestion(
        asked.district,
        read_day_if_typed("paid_on") or today(),
        asked.subject,
        stage,
        read_choice("mode", charging.MODES) or "offline",
        read_choice("basis", charging.BASES) or "hours",
        read_number("class_size", 1, _CLASS_MOST),
        read_number("lesson_minutes", 1, _MINUTES_MOST),
        read_number("lessons", 1, _LESSONS_MOST),
        read_day_if_typed("starts_on"),
        read_day_if_typed("ends_on"),
        read_yuan("fee"),
        read_yuan("other_fee"),
    )


def _read_contract(asked: QuestionPlace) -> RefundQuestion:
    fee, lessons = read_yuan("fee"), read_number("lessons", 1, _LESSONS_MOST)
    held = read_number("held", 0, _LESSONS_MOST)
    for name, value in (("fee", fee), ("lessons", lessons), ("held", held)):
        if value is None:
            raise InvalidInputError("FIELD", "必须填写", "this must be filled in", field=name)
    assert fee is not None  # read a line above, as are the other two
    assert lessons is not None
    assert held is not None
    return RefundQuestion(
        asked.district, fee, lessons, read_number("gift", 0, _LESSONS_MOST) or 0, held,
        read_day_if_typed("asked_on") or today(), read_choice("cause", refunding.CAUSES),
        read_day_if_typed("paid_on"), read_day_if_typed("starts_on"), read_yuan("list_price"),
    )  # fmt: skip
