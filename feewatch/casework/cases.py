"""The way of a case, 督查—反馈—整改—回头看, as one table of steps. Decides nothing by itself."""

from collections.abc import Collection
from dataclasses import dataclass

from feewatch.kernel.people import CASEWORKERS
from feewatch.kernel.text import Text

#: An office records answers that come on paper, so its people may file them for an institution.
ANSWERING = ("institution", *CASEWORKERS)

STATES: dict[str, Text] = {
    "open": Text("已立案", "open"),
    "triaged": Text("已研判", "triaged"),
    "notified": Text("已督办", "notified"),
    "rectifying": Text("整改中", "rectifying"),
    "submitted": Text("已反馈", "submitted"),
    "returned": Text("已退回", "returned"),
    "accepted": Text("已验收", "accepted"),
    "closed": Text("已销号", "closed"),
    "rechecked": Text("已回头看", "rechecked"),
    "reopened": Text("重新整改", "reopened"),
    "dismissed": Text("不予处理", "dismissed"),
    "transferred": Text("已移送", "handed to another department"),
}
#: States in which nothing is asked of anybody: a deadline no longer runs.
SETTLED = frozenset({"closed", "rechecked", "dismissed", "transferred"})
#: States in which a finding is dealt with; one that was handed over is not, it is another's to do.
OVER = SETTLED - {"transferred"}

#: States in which the institution is to act.
WITH_INSTITUTION = frozenset({"notified", "rectifying", "returned", "reopened"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case: whence, whither, by whom, and what it does to the case's alerts."""

    title: Text
    from_states: tuple[str, ...]
    to_state: str | None  # None: the state stays
    roles: tuple[str, ...] = CASEWORKERS
    #: In a red case another person must take it than those who took these steps before.
    red_needs_another: tuple[str, ...] = ()
    sets_deadline: bool = False
    alerts_move: str | None = None  # a move of casework.states
    #: The engine's present word is frozen beside it.
    keeps_standing: bool = False


STEPS: dict[str, Step] = {
    "triage": Step(Text("研判", "triage"), ("open",), "triaged"),
    "notify": Step(Text("下发督办", "notify"), ("triaged",), "notified", sets_deadline=True),
    "start": Step(
        Text("开始整改", "start rectifying"),
        ("notified", "returned", "reopened"),
        "rectifying",
        roles=ANSWERING,
    ),
    # An institution that is told what to mend often answers at once: an answer straight from
    # notified or returned stands for both the start and the answer.
    "submit": Step(
        Text("提交整改反馈", "submit"),
        ("notified", "rectifying", "returned"),
        "submitted",
        roles=ANSWERING,
    ),
    "return": Step(Text("退回", "return"), ("submitted",), "returned", sets_deadline=True),
    "accept": Step(Text("验收", "accept"), ("submitted",), "accepted", keeps_standing=True),
    # A small office accepts and closes in one act, hence also straight from submitted.
    "close": Step(
        Text("销号", "close"),
        ("submitted", "accepted"),
        "closed",
        red_needs_another=("notify",),
        alerts_move="close",
        keeps_standing=True,
    ),
    "recheck": Step(Text("回头看", "recheck"), ("closed",), "rechecked", keeps_standing=True),
    # A closed case whose breach came back waits for no 回头看.
    "reopen": Step(
        Text("重新整改", "reopen"),
        ("closed", "rechecked"),
        "reopened",
        sets_deadline=True,
        alerts_move="resume",
    ),
    "dismiss": Step(
        Text("不予处理", "dismiss"),
        ("open", "triaged"),
        "dismissed",
        red_needs_another=("open", "add"),
        alerts_move="dismiss",
    ),
    "escalate": Step(
        Text("升级", "escalate"),
        tuple(state for state in STATES if state not in SETTLED),
        None,
    ),
}
#: Acts of the history that are no steps of the table: they leave the state as it is.
ACTS: dict[str, Text] = {
    "note": Text("记录", "note"),
    "object": Text("陈述申辩", "objection"),
    "objection": Text("申辩答复", "objection answered"),
    "document": Text("制作文书", "make a paper"),
    "serve": Text("送达文书", "serve a paper"),
    "send": Text("发送文书", "send a paper to a unit"),
    "void": Text("文书作废", "make a paper void"),
    "revoke": Text("撤回已送达文书", "take back a paper that was served"),
    "add": Text("并入事项", "matters added"),
    "drop": Text("移出事项", "a matter given up"),
    "hand_over": Text("移交", "handed over"),
    "transfer": Text("移送其他部门", "handed to another department"),
    "receive": Text("接收移送", "taken over from another department"),
    "send_back": Text("退回移送", "sent back by the other department"),
    "withdraw": Text("撤回移送", "transfer taken back"),
    "receipt": Text("登记移送回执", "receipt of a transfer recorded"),
    "recur": Text("死灰复燃", "breach found again"),
    "undertake": Text("承诺", "undertaken"),
    "fulfil": Text("承诺已完成", "undertaking done"),
    "remind": Text("到期提醒", "reminder"),
    "overdue": Text("逾期", "overdue"),
    "recheck_due": Text("回头看到期", "recheck due"),
}
#: What the office does among its own people.
INTERNAL_STEPS = frozenset(
    {
        "open",
        "triage",
        "dismiss",
        "escalate",
        "note",
        "document",
        "send",
        "void",
        "hand_over",
        "transfer",
        "receive",
        "send_back",
        "withdraw",
        "receipt",
        "recur",
        "recheck_due",
    }
)
#: The office's steps whose words and files are meant for the institution.
ADDRESSED_STEPS = frozenset({"notify", "return", "reopen", "serve", "revoke"})
#: Steps that may be taken on a matter, which opens a case first.
OPENING_STEPS = ("open", "triage", "dismiss")


def steps_from(state: str, role: str) -> list[str]:
    """The steps that a person of this role may take in this state, in the order of the table."""
    return [
        name for name, step in STEPS.items() if state in step.from_states and role in step.roles
    ]


#: Steps that a person confirms once more on the page.
CONFIRMED_STEPS = frozenset({"close", "dismiss"})
#: What a case waits for in each state; where the institution is to act, nothing of the office.
_NEXT = {
    "open": "triage",
    "triaged": "notify",
    "submitted": "accept",
    "accepted": "close",
    "closed": "recheck",
}
#: The stages of the field (督查—反馈—整改—回头看) and the states that lie in each.
STAGES: tuple[tuple[Text, frozenset[str]], ...] = (
    (Text("督查", "inspection"), frozenset({"open", "triaged"})),
    (Text("反馈", "feedback"), frozenset({"notified"})),
    (
        Text("整改", "rectification"),
        frozenset({"rectifying", "submitted", "returned", "accepted", "reopened"}),
    ),
    (Text("回头看", "recheck"), frozenset({"closed", "rechecked"})),
)


def next_step(state: str, *, is_back: bool = False) -> str | None:
    """The office's right next step in a state; None where the institution is to act, or nobody.

    ``is_back``: a check found a closed breach again.
    """
    return "reopen" if is_back and state in ("closed", "rechecked") else _NEXT.get(state)


def is_served(notified_by: str | None) -> bool:
    """Whether the institution was told of a case: somebody issued its 督办单."""
    return notified_by is not None


def document_kind(authorities: Collection[str]) -> str:
    """``hint`` where every matter rests on an office's preset alone, else ``order``.

    A case of office indicators alone claims no violation, so it may carry no 整改通知书.
    """
    return "hint" if authorities and set(authorities) == {"preset"} else "order"
