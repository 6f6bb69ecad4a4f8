"""The departments of an administration (部门): who is competent for which institutions and rules.

谁审批，谁监管: an institution is its own department's, by what it teaches; a rule may name another.
"""

from feewatch.kernel.text import Text

EDUCATION, MARKET = "education", "market"
DEPARTMENTS: dict[str, Text] = {
    EDUCATION: Text("教育部门", "education"),
    "sports": Text("体育部门", "sports"),
    "culture": Text("文旅部门", "culture and tourism"),
    "science": Text("科技部门", "science and technology"),
    MARKET: Text("市场监管部门", "market regulation"),
}
#: By what an institution teaches. No text names one for 其他: the education department leads there.
OF_SUBJECT = {"academic": EDUCATION, "arts": "culture", "sports": "sports", "science": "science"}
#: What a rule says of it: the department of the institution, that of the case, or one by name.
BY_SUBJECT, BY_CASE = "subject", "case"
COMPETENT = (BY_SUBJECT, BY_CASE, *DEPARTMENTS)


def competent_for(competent: str, subject: str | None) -> str:
    """The department by a rule's word at an institution; None: of no institution on the register.

    What belongs to no institution is the education department's, which leads the others.
    """
    return competent if competent in DEPARTMENTS else OF_SUBJECT.get(subject or "", EDUCATION)


def say_department(name: str | None) -> Text:
    """The title of a department; of none the whole office."""
    return Text("全部部门", "all departments") if name is None else DEPARTMENTS[name]
