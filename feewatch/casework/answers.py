"""What an institution may say of a matter, and what an office may answer to an objection."""

from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.text import Text

#: What it says of a matter with its answer.
STANCES: dict[str, Text] = {
    "rectified": Text("已整改", "rectified"),
    "undertakes": Text("承诺整改", "undertakes to rectify"),
    "disputes": Text("有异议", "disputes it"),
}
#: What the office answers to 陈述申辩.
OUTCOMES: dict[str, Text] = {
    "upheld": Text("采纳", "upheld"),
    "partly": Text("部分采纳", "upheld in part"),
    "rejected": Text("不予采纳", "rejected"),
}
#: As long as one text may be.
MOST_LETTERS = 2000


def require_outcome(outcome: str) -> None:
    """Nothing for an answer that there is, to a case as to a grade.

    Raises: InvalidInputError.
    """
    if outcome not in OUTCOMES:
        raise InvalidInputError(
            "OBJECTION-OUTCOME",
            "请选择采纳、部分采纳或不予采纳",
            "say whether it is upheld, upheld in part or rejected",
            field="outcome",
        )


def nothing_to_answer() -> ConflictError:
    """That an objection is not there, or was answered."""
    return ConflictError(
        "OBJECTION-ANSWERED",
        "该异议或申辩不存在，或已答复",
        "there is no such objection, or it has been answered",
    )


def answer_in_words(outcome: str, text: str) -> str:
    """An answer as it stands in the history."""
    return f"{OUTCOMES[outcome].zh}：{text.strip()}"
