"""``credit_red``: how institutions with a grade that was set stand to its conditions."""

from collections import defaultdict
from collections.abc import Collection

from feewatch.bootstrap import App
from feewatch.credit.decisions import Decision
from feewatch.credit.lists import CREDIT_RED, WHITE
from feewatch.credit.red import RedStanding, SetGrade, assess_red
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.kernel.days import Day
from feewatch.publication.choice import ListChoice
from feewatch.services.lists.grading import scheme_in_force
from feewatch.store.database import Transaction
from feewatch.store.lists import decisions, grades

_OF_ROW = ("uscc", "name", "period", "to_day", "scheme", "set_on")


def with_red(app: App, tx: Transaction, choice: ListChoice, district: str) -> ListChoice:
    """The choice of a district's edition with those on ``credit_red``, where the list exists.

    No grade that only a program computed counts.
    """
    if CREDIT_RED not in choice.lists:
        return choice
    scheme = scheme_in_force(app)
    white = {entry["uscc"] for entry in choice.lists[WHITE]}
    standings = list_red_standings(tx, scheme, choice.cut_off, white, district=district)
    return choice.with_red(
        {standing.uscc: standing for standing in standings}, with_grade=scheme.publishes_grades
    )


def list_red_standings(
    tx: Transaction,
    scheme: GradeScheme,
    cut_off: Day,
    white: Collection[str],
    *,
    district: str | None = None,
) -> list[RedStanding]:
    """How each institution with a grade set by the cut-off stands, by credit code.

    ``white``: the credit codes on the white list.
    """
    if scheme.red is None:
        return []
    known: defaultdict[str, list[SetGrade]] = defaultdict(list)
    for row in grades.list_set(tx, district):
        if row["set_on"] <= cut_off:
            values = {name: row[name] for name in _OF_ROW}
            known[row["uscc"]].append(SetGrade(**values, grade=row["set_grade"]))
    if not known:
        return []
    against: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions.list_decisions(tx):
        against[decision.uscc].append(decision)
    return [
        assess_red(scheme, own, against[uscc], cut_off, is_white=uscc in white)
        for uscc, own in sorted(known.items())
    ]
