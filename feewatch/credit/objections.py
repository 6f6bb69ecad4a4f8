"""What may be said against a decision that is prepared or made, and what must be answered first."""

from collections.abc import Sequence
from typing import Any

from feewatch.casework.answers import OUTCOMES as ANSWERS
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text

DEFENCE, HEARING, OBJECTION = "defence", "hearing", "objection"
KINDS: dict[str, Text] = {
    DEFENCE: Text("陈述申辩", "defence"),
    HEARING: Text("听证申请", "request for a hearing"),
    OBJECTION: Text("异议", "objection"),
}
#: Before a decision one defends oneself; afterwards one objects.
BEFORE, AFTER = (DEFENCE, HEARING), (OBJECTION,)
WAITING, GRANTED, ANSWERED, WITHDRAWN = "waiting", "granted", "answered", "withdrawn"
STATES: dict[str, Text] = {
    WAITING: Text("待答复", "waits for an answer"),
    GRANTED: Text("待听证", "waits for its hearing"),
    ANSWERED: Text("已答复", "answered"),
    WITHDRAWN: Text("已撤回", "withdrawn"),
}
#: Those that the office still has to do something about.
PENDING = (WAITING, GRANTED)
HEARING_OUTCOMES: dict[str, Text] = {
    "granted": Text("准予听证", "hearing granted"),
    "held": Text("已听证", "hearing held"),
    "rejected": ANSWERS["rejected"],
}
OUTCOMES = ANSWERS | HEARING_OUTCOMES
#: Every act on one of them.
ACTS: dict[str, Text] = {
    "made": Text("提出", "made"),
    "withdrawn": STATES[WITHDRAWN],
    **OUTCOMES,
}
#: A row of what was said, under the names of its table.
Row = Any


def outcomes_of(kind: str, state: str, *, is_owed: bool) -> tuple[str, ...]:
    """What the office may answer now; ``is_owed``: a hearing that cannot be refused."""
    if state == GRANTED:
        return ("held",)
    if state != WAITING:
        return ()
    if kind == HEARING:
        return ("granted",) if is_owed else ("granted", "rejected")
    return tuple(ANSWERS)


def is_owed(objection: Row, *, told: bool) -> bool:
    """Whether a hearing must be held: asked for in time, after a notice that told of the right."""
    return told and objection["kind"] == HEARING and not objection["is_late"]


def find_bar(said: Sequence[Row], proposed_at: str, decided_on: Day) -> tuple[str, Text] | None:
    """Why a proposal may not go on, as code and sentence; None where all was heard.

    ``said``: defences and requests about it and its notice. What came late is on record and bars
    nothing; what was upheld after it was proposed is not in it yet.
    """
    timely = [row for row in said if row["kind"] in BEFORE and not row["is_late"]]
    if any(row["state"] == WAITING for row in timely):
        return "DECISION-DEFENCE-WAITS", Text(
            "按期提出的陈述申辩或听证申请尚未答复",
            "a defence or a request for a hearing that was made in time waits for its answer",
        )
    if any(row["state"] == GRANTED for row in said):
        return "DECISION-HEARING-WAITS", Text(
            "已准予的听证尚未举行", "a hearing that was granted is still to be held"
        )
    if any(
        row["outcome"] in ("upheld", "partly") and row["answered_at"] > proposed_at for row in said
    ):
        return "DECISION-DEFENCE-UPHELD", Text(
            "拟定之后采纳了陈述申辩，须退回并重新拟定",
            "a defence was upheld after this was proposed: refuse it and propose anew",
        )
    last = format_day(decided_on)
    if any(row["state"] == ANSWERED and row["answered_at"][:10] > last for row in timely):
        return "DECISION-DEFENCE-AFTER", Text(
            f"陈述申辩的答复晚于文书日期 {last}，须退回并重新拟定",
            f"a defence was answered after the document's day {last}: refuse it and propose anew",
        )
    return None


def heard_in_defence(said: Sequence[Row]) -> dict[str, Any]:
    """What a decision's form says of defence and hearing, from what is on record of its notice."""
    answered = [row for row in said if row["kind"] == DEFENCE and row["state"] == ANSWERED]
    held = [row for row in said if row["kind"] == HEARING and row["outcome"] == "held"]
    days: dict[str, Any] = {"defence": "none", "hearing": "none"}
    if answered:
        last = max(row["answered_at"] for row in answered)
        days |= {"defence": "answered", "defence_answered_on": last[:10]}
    if held:
        days |= {
            "hearing": "held",
            "hearing_on": max(format_day(row["hearing_on"]) for row in held),
        }
    return days
