"""Whether a statement is accepted: its own faults, its account, and days that cannot be.

What a day cannot be depends on the day of receipt, so that a file read again later is judged as
on the day it came.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.model import FAULT_ORDER, FaultKind, Statement
from feewatch.store.intake.bankfiles import AccountOnFile

#: No supervised account has entries from before.
EARLIEST = parse_day("2000-01-01") or 0
#: Of rows with the same fault so many are named one by one.
_MOST_NAMED = 20
_UNREGISTERED = Problem(
    "ACCOUNT-UNREGISTERED",
    Text(
        "该账户不在登记册中；导入账户登记后将自动重新检查",
        "this account is not on the register; it is examined again once it is imported",
    ),
)
_FOREIGN = Problem(
    "ACCOUNT-FOREIGN",
    Text(
        "该账户登记在其他机构名下，由别家机构报送的对账单不采用",
        "this account is another institution's: what others hand in of it is not taken",
    ),
)


class JudgedStatement(NamedTuple):
    """A statement, the registered account it belongs to, and why it is quarantined, if it is."""

    statement: Statement
    account: AccountOnFile | None
    reason: FaultKind | None
    covered: tuple[Day, Day]  # first and last; the first after the last where none is covered
    problems: tuple[Problem, ...]

    @property
    def status(self) -> str:
        """Accepted where there is no reason against it; refused where it could not be read."""
        if self.reason == "unreadable":
            return "rejected"
        return "quarantined" if self.reason else "accepted"

    def values(self) -> dict[str, Any]:
        """The columns that the judgement decides."""
        difference = self.statement.difference_fen if self.reason == "arithmetic" else None
        return {
            "account_id": self.account and self.account.id,
            "institution_id": self.account and self.account.institution_id,
            "status": self.status,
            "reason": self.reason,
            "difference_fen": difference,
            "problems": [problem.as_json() for problem in self.problems],
        }


def judge(
    statement: Statement,
    account: AccountOnFile | None,
    received_on: Day,
    teller: int | None = None,
) -> JudgedStatement:
    """The statement with its first reason for quarantine in the order of faults.

    ``teller``: the institution whose own word it is; it can tell of its own accounts alone.
    """
    kinds = {fault.kind for fault in statement.faults}
    problems = [fault.problem for fault in statement.faults]
    if account is None or teller not in (None, account.institution_id):
        kinds.add("unregistered")
        problems.append(_UNREGISTERED if account is None else _FOREIGN)
        account = None
    booked = statement.rows.days()
    if booked and (max(booked) > received_on or min(booked) < EARLIEST):
        kinds.add("days")
        problems += _impossible_days(statement, received_on)
    covered = statement.from_day, min(statement.to_day, received_on)
    if booked and (min(booked) < statement.from_day or max(booked) > statement.to_day):
        problems += _days_outside(statement)
    reason = min(kinds, key=FAULT_ORDER.index, default=None)
    problems += statement.notes
    return JudgedStatement(statement, account, reason, covered, tuple(problems))


def let_stand(statement: Statement, account: AccountOnFile) -> JudgedStatement:
    """A statement that two officers let stand, whatever was found wrong with it."""
    covered = statement.from_day, statement.to_day
    return JudgedStatement(statement, account, None, covered, ())


def _impossible_days(statement: Statement, received_on: Day) -> Iterator[Problem]:
    received = format_day(received_on)

    def text(day: Day) -> Text:
        shown = format_day(day)
        if day > received_on:
            return Text(
                f"记账日 {shown} 晚于收到文件之日 {received}",
                f"booked on {shown}, after the day of receipt {received}",
            )
        return Text(f"记账日 {shown} 早于 2000-01-01", f"booked on {shown}, before 2000-01-01")

    return _name_days(statement, "STATEMENT-DAY", lambda day: EARLIEST <= day <= received_on, text)


def _days_outside(statement: Statement) -> Iterator[Problem]:
    first, last = statement.from_day, statement.to_day
    days = f"{format_day(first)}…{format_day(last)}"

    def text(day: Day) -> Text:
        shown = format_day(day)
        return Text(
            f"记账日 {shown} 不在对账单所载期间 {days} 内；该笔照记，期间不因此延长",
            f"booked on {shown}, outside the days of the statement {days}: "
            "the entry counts, and covers no day",
        )

    return _name_days(statement, "STATEMENT-DAY-OUTSIDE", lambda day: first <= day <= last, text)


def _name_days(
    statement: Statement, code: str, is_right: Callable[[Day], bool], text: Callable[[Day], Text]
) -> Iterator[Problem]:
    """A problem for each of the first rows whose day is not right."""
    left = _MOST_NAMED
    for lines, days in statement.rows.columns("line", "booked_on"):
        for line, day in zip(lines, days, strict=True):
            if left and not is_right(day):
                left -= 1
                yield Problem(code, text(day), line=line, column="booked_on")
