"""A statement that cannot be read refuses itself alone where others of its file can be."""

from collections.abc import Iterable, Sequence

from feewatch.kernel.days import Day
from feewatch.kernel.problems import Problem
from feewatch.statements.model import FileReading, Statement, StatementFault


def unreadable(
    n: int, account: str, currency: str, days: Iterable[Day], problems: Iterable[Problem]
) -> Statement:
    """What stands for a statement that cannot be read; ``days``: those it tells, at least one."""
    in_order = sorted(days)
    faults = [StatementFault("unreadable", problem) for problem in problems]
    return Statement(n, account, None, currency, in_order[0], in_order[-1], None, None, (), faults)


def is_unreadable(statement: Statement) -> bool:
    """Whether a statement could not be read."""
    return any(fault.kind == "unreadable" for fault in statement.faults)


def whole_or_each(dialect: str, statements: Sequence[Statement]) -> FileReading:
    """The statements; or the refusal of the file, where none of them can be read."""
    if not all(map(is_unreadable, statements)):
        return FileReading(dialect, tuple(statements))
    problems = (fault.problem for each in statements for fault in each.faults)
    return FileReading(dialect, (), tuple(problems))
