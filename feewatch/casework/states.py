"""The statuses of alerts (and of the matters that group them) and the one table of their moves."""

from typing import NamedTuple

from feewatch.kernel.text import Text

OPEN, IN_CASE, DISMISSED, WITHDRAWN, CLOSED = (
    "open",
    "in_case",
    "dismissed",
    "withdrawn",
    "closed",
)

STATUSES: dict[str, Text] = {
    OPEN: Text("待处理", "open"),
    IN_CASE: Text("已立案", "in a case"),
    DISMISSED: Text("不予处理", "dismissed"),
    WITHDRAWN: Text("已撤回", "withdrawn"),
    CLOSED: Text("已销号", "closed"),
}

#: Severities, the gravest first.
SEVERITY_WORDS: dict[str, Text] = {
    "red": Text("红色", "red"),
    "orange": Text("橙色", "orange"),
    "yellow": Text("黄色", "yellow"),
    "notice": Text("提示", "notice"),
}


class Move(NamedTuple):
    """One way in which the status of an alert may change."""

    from_statuses: tuple[str, ...]
    to_status: str


#: A dismissed alert stays dismissed and a closed one moves only with its case: an officer's word
#: is not undone by a later check.
MOVES: dict[str, Move] = {
    "take": Move((OPEN,), IN_CASE),
    "dismiss": Move((IN_CASE,), DISMISSED),
    "close": Move((IN_CASE,), CLOSED),
    "resume": Move((CLOSED,), IN_CASE),
    "release": Move((IN_CASE,), OPEN),
    "withdraw": Move((OPEN, IN_CASE), WITHDRAWN),
    "reopen": Move((WITHDRAWN,), OPEN),
}


def may(move: str, status: str) -> bool:
    """Whether an alert of this status may make this move."""
    return status in MOVES[move].from_statuses
