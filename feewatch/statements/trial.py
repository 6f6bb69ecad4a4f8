"""What files would come to, told as a table: accepted, quarantined or rejected, and why.

Pure: nothing is stored, and whether an account is registered is not asked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.model import FileReading, Statement
from feewatch.statements.refusals import is_unreadable

_HEAD = Text(
    "| 文件 | 版式 | 对账单 | 相符 | 接收 | 隔离 | 拒收 | 原因 |",
    "| file | layout | statements | tie | accepted | quarantined | rejected | reasons |",
)
#: So many characters of a reason are enough in a table.
_LONGEST = 160


class Trial(NamedTuple):
    """What one file, or all together, would come to; numbers of statements.

    A file without any counts as one rejected. A statement ties where its arithmetic holds and
    nothing of it is missing, whatever its currency.
    """

    file: str
    dialect: str | None
    statements: int
    tie: int
    accepted: int
    quarantined: int
    rejected: int
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The trial for ``--json``."""
        return self._asdict()


def trial_of(name: str, reading: FileReading) -> Trial:
    """What a file would come to once all its accounts are registered."""
    accepted = sum(1 for each in reading.statements if not each.faults)
    unread = sum(map(is_unreadable, reading.statements))
    problems = [fault.problem for each in reading.statements for fault in each.faults]
    return Trial(
        name,
        reading.dialect,
        len(reading.statements),
        sum(map(_ties, reading.statements)),
        accepted,
        len(reading.statements) - accepted - unread,
        unread or int(not reading.statements),
        _reasons([*reading.problems, *problems]),
    )


def _ties(statement: Statement) -> bool:
    kinds = {fault.kind for fault in statement.faults}
    return statement.closing_fen is not None and not kinds & {"truncated", "arithmetic"}


def _reasons(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Each code once, with how often it was met and the words of the first."""
    count = Counter(each.code for each in problems)
    first = {each.code: each for each in reversed(problems)}
    return tuple(
        f"{code}{f' ×{n}' if n > 1 else ''}: {first[code].message.both()}"
        for code, n in count.items()
    )


def as_table(trials: Iterable[Trial]) -> str:
    """The trials as a table in Markdown, with the sum of all below."""
    listed = list(trials)
    total = Trial(
        f"合计 total: {len(listed)}",
        None,
        sum(each.statements for each in listed),
        sum(each.tie for each in listed),
        sum(each.accepted for each in listed),
        sum(each.quarantined for each in listed),
        sum(each.rejected for each in listed),
        (),
    )
    rule = "|---|---|" + "---:|" * 5 + "---|"
    return "\n".join([_HEAD.zh, rule, _HEAD.en, *map(_line, [*listed, total])])


def _line(trial: Trial) -> str:
    reasons = "; ".join(trial.reasons)
    if len(reasons) > _LONGEST:
        reasons = reasons[:_LONGEST] + "…"
    cells = (trial.file, trial.dialect or "-", *map(str, trial[2:7]), reasons)
    return "| " + " | ".join(each.replace("|", "\\|").replace("\n", " ") for each in cells) + " |"
