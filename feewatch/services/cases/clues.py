"""What an officer makes of a clue: joined to a matter, a case opened, found untrue, closed."""

from typing import Literal, get_args

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import tidy
from feewatch.registry import cells
from feewatch.registry.cells import CellFault
from feewatch.services.cases.steps import open_case_within
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import clues
from feewatch.store.database import Record, Transaction

#: An answer has at most so many characters.
ANSWER_MOST = 500
Act = Literal["link", "case", "unfounded", "close", "reopen"]
ACTS: tuple[Act, ...] = get_args(Act)
#: The state of a clue after each act, and the states in which it may be taken.
_STATES: dict[Act, str] = {
    "link": "linked", "case": "linked", "unfounded": "unfounded", "close": "closed",
    "reopen": "open",
}  # fmt: skip
_FROM: dict[Act, tuple[str, ...]] = {
    "link": ("open", "linked"),
    "case": ("open", "linked"),
    "unfounded": ("open",),
    "close": ("open", "linked"),
    "reopen": ("unfounded", "closed"),
}


def act_on_clue(
    app: App,
    number: str,
    act: Act,
    *,
    actor: str,
    reason: str,
    matter_id: int | None = None,
    answered_on: Day | None = None,
    answer: str = "",
) -> str | None:
    """The number of the case where one was opened; the act is on record.

    ``answer``: what whoever sent the clue is told, of today where no day is given.

    Raises: NotFoundError, also outside the person's scope; ForbiddenError; ConflictError where the
    clue's state or that of the matter does not allow it; InvalidInputError.
    """
    require_reason(reason)
    answer = _read_answer(answer)
    answered_on = today() if answer and answered_on is None else answered_on
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        clue = clues.lock_clue(tx, number)
        if clue is None or not person.scope.sees(clue["district"], clue["institution_id"]):
            raise unknown_clue(number)
        _check(clue, act, answered_on)
        if act in ("link", "case"):
            _check_matter(tx, person, clue, matter_id)
        case_number = None
        if act == "case":
            assert matter_id is not None  # checked
            case_number = open_case_within(tx, person, {matter_id}, reason)
        clues.add_act(
            tx,
            clue["id"],
            act,
            state=_STATES[act],
            actor=person.name,
            reason=reason,
            answered_on=answered_on,
            answer=answer or None,
            matter_id=matter_id if act in ("link", "case") else None,
            case_number=case_number,
        )
        detail = {"matter": matter_id, "case": case_number, "reason": reason}
        audit.record(tx, actor=person.name, action=f"clue.{act}", object=number, detail=detail)
    return case_number


def unknown_clue(number: str) -> NotFoundError:
    """That there is no such clue, or none that the person may see."""
    return NotFoundError("CLUE-UNKNOWN", f"没有线索 {number}", f"no clue {number}")


def acts_on(state: str) -> list[Act]:
    """What may be made of a clue in a state."""
    return [act for act in ACTS if state in _FROM[act]]


def _read_answer(answer: str) -> str:
    """The answer as it may leave the office.

    Raises: InvalidInputError for one that holds a phone or identity number, which is not echoed.
    """
    cell = tidy(answer)
    read = cells.untraceable(ANSWER_MOST)(cell) if cell else ""
    if isinstance(read, CellFault):
        raise InvalidInputError(read.code, *read.message, field="answer")
    return str(read)


def _check(clue: Record, act: Act, answered_on: Day | None) -> None:
    if clue["state"] not in _FROM[act]:
        raise ConflictError(
            "CLUE-STATE",
            f"线索 {clue['clue_no']} 的状态不允许此操作",
            f"the state of clue {clue['clue_no']} does not allow this",
        )
    if answered_on is not None and not clue["received_on"] <= answered_on <= today():
        raise InvalidInputError(
            "CLUE-ANSWERED",
            "答复日期应在接收日期与今日之间",
            "the day of the answer lies between that of receipt and today",
            field="answered_on",
        )


def _check_matter(tx: Transaction, person: User, clue: Record, matter_id: int | None) -> None:
    """A matter of the institution that the clue names, not settled yet."""
    institution_id = clue["institution_id"]
    if institution_id is None:
        raise ConflictError(
            "CLUE-INSTITUTION",
            "线索未填机构，先在登记册中补填统一社会信用代码",
            "the clue names no institution: give its credit code in the register first",
            field="matter",
        )
    row = None if matter_id is None else clues.find_open(tx, matter_id, institution_id)
    if row is None or not person.scope.sees_case(row):
        raise NotFoundError(
            "MATTER-UNKNOWN",
            "该机构没有这一未结事项",
            "the institution has no such open matter",
        )
