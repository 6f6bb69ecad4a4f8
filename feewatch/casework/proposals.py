"""The states of a proposal (提请更正), the one table of its moves, and its mark on an alert."""

from typing import NamedTuple

from feewatch.kernel.masking import mask_account
from feewatch.kernel.people import CASEWORKERS
from feewatch.kernel.text import Text

#: What an alert carries while a correction of its facts waits for an officer.
MARK = Text("资料更正待核", "correction of its facts awaits review")

STATES: dict[str, Text] = {
    "open": Text("待核", "awaits review"),
    "accepted": Text("已采纳", "accepted"),
    "refused": Text("未采纳", "refused"),
    "withdrawn": Text("机构已撤回", "withdrawn by the institution"),
    "superseded": Text("已由新的提请替代", "superseded by a newer one"),
}


class ProposalStep(NamedTuple):
    """What may be done with an open proposal, by whom, and the state it then has."""

    title: Text
    roles: tuple[str, ...]
    to_state: str


PROPOSAL_STEPS: dict[str, ProposalStep] = {
    "accept": ProposalStep(Text("采纳", "accept"), CASEWORKERS, "accepted"),
    "refuse": ProposalStep(Text("不予采纳", "refuse"), CASEWORKERS, "refused"),
    "ask": ProposalStep(Text("要求补交凭证", "ask for a voucher"), CASEWORKERS, "open"),
    "withdraw": ProposalStep(Text("撤回提请", "withdraw"), ("institution", "api"), "withdrawn"),
}

#: The words of its history.
EVENTS: dict[str, Text] = {
    "proposed": Text("提请更正", "proposed"),
    "asked": Text("要求补交凭证", "asked for a voucher"),
    "voucher": Text("补交凭证", "voucher handed in"),
    "accepted": STATES["accepted"],
    "refused": STATES["refused"],
    "withdrawn": STATES["withdrawn"],
    "superseded": STATES["superseded"],
}


def shown_key(kind: str, key: str) -> str:
    """What names the row of a proposal, as it is shown: the number of an account is masked."""
    return mask_account(key) if kind == "accounts" else key


def mark_json(proposals: list[int]) -> dict[str, object] | None:
    """The mark on an alert under JSON keys; None where no proposal waits."""
    return {**MARK._asdict(), "proposals": proposals} if proposals else None
