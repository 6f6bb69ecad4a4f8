"""An institution answers its case matter by matter, with files and undertakings, in one act."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.casework.answers import MOST_LETTERS, STANCES
from feewatch.casework.undertakings import Promise
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.services.cases.attachments import attach
from feewatch.services.cases.steps import Taken, take_within
from feewatch.services.cases.undertakings import undertake_within
from feewatch.services.intake.proofs import Proof
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store.cases import answers, cases
from feewatch.store.cases.answers import Said

#: What stands in the history where an institution that was told to start anew answers at once.
_BEGUN = "开始整改 / rectification has begun"


@dataclass(frozen=True, slots=True)
class MatterAnswer:
    """What an institution says of one matter, with its proof and what it undertakes."""

    matter_id: int
    stance: str  # of casework.answers
    text: str
    files: Sequence[Proof] = ()
    promise: Promise | None = None  # where it undertakes to rectify


def answer(
    app: App, number: str, given: Sequence[MatterAnswer], *, actor: str, remark: str = ""
) -> Taken:
    """Answer every matter of a case of the person's own institution.

    Raises: NotFoundError for another's case, ForbiddenError, ConflictError where no answer is
    asked, InvalidInputError where a matter is left out or said nothing of.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ("institution",))
        case = cases.get_case(tx, number)
        if not person.scope.sees_case(case):
            raise cases.unknown_case(number)
        standing = [row for row in cases.list_case_matters(tx, case["id"]) if row["alerts"]]
        _check(given, {row["id"] for row in standing})
        if not standing:
            require_reason(remark)
        if case["state"] == "reopened":
            take_within(app, tx, person, number, "start", _BEGUN)
        taken = take_within(app, tx, person, number, "submit", _summary(given, remark))
        event_id = cases.last_event(tx, case["id"])
        said = [Said(each.matter_id, each.stance, each.text.strip()) for each in given]
        answers.add(tx, case["id"], event_id, said)
        for each in given:
            attach(
                app, tx, case["id"], each.files, actor, by_institution=True,
                case_event_id=event_id, matter_id=each.matter_id,
            )  # fmt: skip
        promises = [each.promise for each in given if each.promise is not None]
        undertake_within(tx, cases.get_case(tx, number), promises, actor)
    return taken


def _check(given: Sequence[MatterAnswer], matters: set[int]) -> None:
    if {each.matter_id for each in given} != matters or len(given) != len(matters):
        raise InvalidInputError(
            "ANSWER-MATTERS",
            "请逐项答复案件的每个事项",
            "answer every matter of the case, each once",
        )
    for each in given:
        field = f"text_{each.matter_id}"
        if each.stance not in STANCES:
            raise InvalidInputError(
                "ANSWER-STANCE",
                "请选择已整改、承诺整改或有异议",
                "say whether it is rectified, you undertake to, or you dispute it",
                field=f"stance_{each.matter_id}",
            )
        if not each.text.strip():
            raise InvalidInputError("ANSWER-TEXT", "请填写答复", "write your answer", field=field)
        if len(each.text) > MOST_LETTERS:
            raise InvalidInputError(
                "TOO-LONG",
                f"答复至多 {MOST_LETTERS} 字",
                f"an answer has at most {MOST_LETTERS} characters",
                field=field,
            )
        if each.stance == "undertakes" and each.promise is None:
            raise InvalidInputError(
                "ANSWER-PROMISE",
                "承诺整改的，请填写承诺内容与完成日期",
                "say what you undertake, and by which day",
                field=f"due_{each.matter_id}",
            )


def _summary(given: Sequence[MatterAnswer], remark: str) -> str:
    """The answer on one line of the history; what is said of each matter stands with it."""
    counts = Counter(each.stance for each in given)
    parts = [
        Text(f"{title.zh} {counts[stance]} 项", f"{title.en} {counts[stance]}")
        for stance, title in STANCES.items()
        if counts[stance]
    ]
    zh, en = "，".join(each.zh for each in parts), ", ".join(each.en for each in parts)
    line = f"{zh} / {en}" if parts else ""
    return "\n".join(each for each in (line, remark.strip()) if each)
