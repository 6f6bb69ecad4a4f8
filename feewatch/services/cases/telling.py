"""Who is told of a step of a case: its institution, or the office's people whom it concerns."""

from collections.abc import Mapping
from typing import Any

from feewatch.casework.messages import desk_case, own_case
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import User
from feewatch.kernel.text import Text
from feewatch.services.messages import tell, tell_office
from feewatch.store.database import Transaction

_BY = Text("，期限 {day}", ", by {day}")
#: By step: the kind of message to the institution, and what it says.
_TO_INSTITUTION: dict[str, tuple[str, Text]] = {
    "notify": (
        "case_notified",
        Text(
            "案件 {number} 已向您送达，请查看事项并反馈{by}",
            "case {number} was served on you: read what it is about and answer{by}",
        ),
    ),
    "return": (
        "answer_returned",
        Text(
            "案件 {number} 的反馈被退回，请补充后重新提交{by}",
            "your answer in case {number} was returned: complete it and hand it in again{by}",
        ),
    ),
    "accept": (
        "answer_accepted",
        Text("案件 {number} 的反馈已验收", "your answer in case {number} was accepted"),
    ),
    "close": ("case_closed", Text("案件 {number} 已销号", "case {number} was closed")),
    "recheck": (
        "case_rechecked",
        Text("案件 {number} 已回头看", "case {number} was looked at again"),
    ),
    "reopen": (
        "case_reopened",
        Text(
            "案件 {number} 须重新整改{by}",
            "case {number} was reopened: it has to be rectified again{by}",
        ),
    ),
}
_ANSWERED = Text("案件 {number} 收到整改反馈", "an answer came in for case {number}")


def tell_of_step(
    tx: Transaction,
    person: User,
    case: Mapping[str, Any],
    step: str,
    deadline: Day | None,
    event_id: int,
) -> None:
    """Tell of a step that was just put on record by a person, as a line of the case's history.

    ``case``: as it was before. What the office deliberates is told to nobody outside.
    """
    number: str = case["number"]
    place = f"#e{event_id}"
    if step == "submit":
        tell_office(
            tx,
            district=case["district"],
            department=case["department"],
            people=[case["owner"], case["notified_by"]],
            but=person.name,
            kind="answer_in",
            object=number,
            text=_ANSWERED.fill(number=number),
            address=desk_case(number) + place,
        )
    elif step in _TO_INSTITUTION and case["institution_id"] is not None:
        if case["notified_by"] is None and step != "notify":
            return  # it was never told of the case
        kind, words = _TO_INSTITUTION[step]
        by = _BY.fill(day=format_day(deadline)) if deadline is not None else Text("", "")
        text = Text(
            words.zh.format(number=number, by=by.zh), words.en.format(number=number, by=by.en)
        )
        tell(
            tx,
            to_institution=case["institution_id"],
            kind=kind,
            object=number,
            text=text,
            address=own_case(number) + place,
            is_new=True,
        )
