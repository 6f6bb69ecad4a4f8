"""What 销号 and 回头看 ask: data that bear it out, and a day of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.standing import Standing, against
from feewatch.casework.workdays import WorkingDay, add_working_days
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.services.intake.proofs import Proof


@dataclass(frozen=True, slots=True)
class StepGiven:
    """What is said with a step beside its reason."""

    deadline: Day | None = None
    recheck_on: Day | None = None  # with 销号: the day of 回头看
    against_data: str = ""  # with 销号: why, although the data do not bear it out
    early: str = ""  # with 回头看: why before its day
    files: Sequence[Proof] = ()
    by_institution: bool = False  # the files are the institution's, whoever hands them in


def default_recheck(app: App, closed_on: Day) -> WorkingDay:
    """The day of 回头看 of a case closed on a day, unless an officer names another."""
    return add_working_days(closed_on, app.config.casework.recheck_days, app.holidays)


def recheck_day(app: App, name: str, case: Mapping[str, Any], given: StepGiven) -> dict[str, Any]:
    """What 销号 and 回头看 change of the day of 回头看; it is never the day of 销号."""
    day = today()
    if given.recheck_on is not None and name != "close":
        raise InvalidInputError(
            "RECHECK-UNASKED", "回头看日期在销号时设定", "the day of the recheck is set at closing"
        )
    if name == "close":
        chosen = given.recheck_on
        if chosen is None:
            chosen = default_recheck(app, day).day
        if chosen <= day:
            raise InvalidInputError(
                "RECHECK-DAY",
                "回头看日期应在销号之后",
                "the day of the recheck comes after that of the closing",
                field="recheck_on",
            )
        return {
            "closed_on": day, "recheck_on": chosen, "recurred_on": None, "reminded_on": None,
        }  # fmt: skip
    if name == "recheck":
        _check_recheck(case, day, given)
    return {}


def _check_recheck(case: Mapping[str, Any], day: Day, given: StepGiven) -> None:
    if case["closed_on"] is not None and day <= case["closed_on"]:
        raise ConflictError(
            "RECHECK-SAME-DAY",
            "销号当日不能回头看",
            "a case is not looked at again on the day on which it was closed",
        )
    if case["recheck_on"] is not None and day < case["recheck_on"] and not given.early.strip():
        due = format_day(case["recheck_on"])
        raise ConflictError(
            "RECHECK-EARLY",
            f"回头看定于 {due}；提前进行的，请说明理由",
            f"the recheck is set for {due}: to do it earlier, say why",
            field="early",
        )


def check_data(name: str, present: Standing | None, given: StepGiven) -> None:
    """Nothing where the data bear out a closing, or a reason of its own stands against them."""
    if name != "close" and given.against_data.strip():
        raise InvalidInputError(
            "AGAINST-DATA-UNASKED",
            "只有销号时可以写明与数据不符的理由",
            "a reason against the data is given at closing alone",
        )
    if name == "close" and present and not present.is_over and not given.against_data.strip():
        raise ConflictError(
            "CASE-AGAINST-DATA", *against(present.as_json(today())), field="against_data"
        )
