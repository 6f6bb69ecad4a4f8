"""事先告知: what an authority tells before it decides, and until when it may be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

OPEN, DECIDED, DROPPED = "open", "decided", "dropped"
STATES: dict[str, Text] = {
    OPEN: Text("待决定", "waits for a decision"),
    DECIDED: Text("已作出决定", "decided"),
    DROPPED: Text("不再处理", "dropped"),
}


@dataclass(frozen=True, slots=True)
class AdvanceNotice:
    """One notice served before a decision: of what, on which law, what is intended."""

    number: str
    uscc: str  # empty for unlicensed premises
    name: str
    district: str
    authority: str
    facts: str
    basis: Mapping[str, str]  # document, level, clause
    sanctions: Sequence[str]  # intended, of credit_terms.toml
    gravity: str  # the class that follows from them; a decision is never graver
    served_on: Day
    way: str  # of casework.papers.WAYS
    defend_until: Day  # the last day for 陈述申辩 and for asking for a hearing
    hearing: bool  # whether it told of the right to a hearing
    premises_no: str | None = None
