"""``credit_red``: how institutions with a grade that was set stand to its conditions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

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


class RedRecord(NamedTuple):
    """What ``credit_red`` rests on: grades that people set, and decisions against their holders."""

    scheme: GradeScheme
    grades: Mapping[str, Mapping[str, list[SetGrade]]]  # by district and credit code
    against: Mapping[str, list[Decision]]  # by credit code


def read_red(
    app: App, tx: Transaction, cut_off: Day, district: str | None = None
) -> RedRecord | None:
    """The record of all districts, or of one; None where the list exists nowhere.

    No grade that only a program computed counts.
    """
    if all(basis.list != CREDIT_RED for basis in app.config.publication.list_basis):
        return None
    scheme = scheme_in_force(app)
    if scheme.red is None:
        return RedRecord(scheme, {}, {})
    known = _set_grades(tx, cut_off, district)
    return RedRecord(scheme, known, _against(tx) if known else {})


def with_red(record: RedRecord, choice: ListChoice, district: str) -> ListChoice:
    """The choice of a district's edition with those on ``credit_red``, where the list exists."""
    if CREDIT_RED not in choice.lists:
        return choice
    white = {entry["uscc"] for entry in choice.lists[WHITE]}
    standings = _assess(record, choice.cut_off, white, record.grades.get(district, {}))
    return choice.with_red(
        {standing.uscc: standing for standing in standings},
        with_grade=record.scheme.publishes_grades,
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
    for of_place in _set_grades(tx, cut_off, district).values():
        for uscc, own in of_place.items():
            known[uscc] += own
    record = RedRecord(scheme, {}, _against(tx) if known else {})
    return _assess(record, cut_off, white, known)


def _assess(
    record: RedRecord,
    cut_off: Day,
    white: Collection[str],
    known: Mapping[str, list[SetGrade]],
) -> list[RedStanding]:
    return [
        assess_red(
            record.scheme, own, record.against.get(uscc, []), cut_off, is_white=uscc in white
        )
        for uscc, own in sorted(known.items())
    ]


def _set_grades(
    tx: Transaction, cut_off: Day, district: str | None
) -> Mapping[str, Mapping[str, list[SetGrade]]]:
    known: defaultdict[str, defaultdict[str, list[SetGrade]]]
    known = defaultdict(lambda: defaultdict(list))
    for row in grades.list_set(tx, district):
        if row["set_on"] <= cut_off:
            values = {name: row[name] for name in _OF_ROW}
            known[row["district"]][row["uscc"]].append(SetGrade(**values, grade=row["set_grade"]))
    return known


def _against(tx: Transaction) -> Mapping[str, list[Decision]]:
    against: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions.list_decisions(tx):
        against[decision.uscc].append(decision)
    return against
