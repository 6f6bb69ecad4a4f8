"""Why a file or a statement cannot be taken as it stands, worded for the clerk who brought it."""

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.model import Fault, FaultKind

#: A file that is wrong throughout need not be told so line by line.
MOST_PROBLEMS = 50


class Unreadable(Exception):  # noqa: N818 - a verdict on a file, not an error of the program
    """The file cannot be read as a statement at all; carries every problem found."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message.en)
        self.problems = problems


def problem(
    code: str, zh: str, en: str, line: int | None = None, column: str | int | None = None
) -> Problem:
    """One fault of the file."""
    return Problem(code, Text(zh, en), line=line, column=column)


def unreadable(
    code: str, zh: str, en: str, line: int | None = None, column: str | int | None = None
) -> Unreadable:
    """The verdict for one problem."""
    return Unreadable(problem(code, zh, en, line, column))


def raise_if_any(problems: list[Problem]) -> None:
    """Raises: Unreadable where there are problems, with as many of them as help."""
    if problems:
        raise Unreadable(*problems[:MOST_PROBLEMS])


def fault(kind: FaultKind, code: str, zh: str, en: str, line: int | None = None) -> Fault:
    """A ground for quarantine."""
    return Fault(kind, problem(code, zh, en, line))


def truncated(zh: str, en: str, line: int | None = None) -> Fault:
    """The statement is not whole."""
    return fault("truncated", "TRUNCATED", f"对账单不完整:{zh}", f"incomplete: {en}", line)


def foreign_currency(currency: str, line: int | None = None) -> Fault:
    """The statement is not in yuan."""
    return fault(
        "currency",
        "CURRENCY",
        f"币种为 {currency},只接收人民币对账单",
        f"the currency is {currency}; only statements in yuan (CNY) are taken",
        line,
    )
