"""The papers (文书) of an office: who makes which, when, to whom it goes. Decides nothing itself.

Two instruments are never one: a 督办单 asks a responsible unit inside the administration, a
责令限期整改通知书 orders the institution. What rests on an office's preset alone claims no
violation and can only become a 监测提示函.
"""

from collections.abc import Collection
from dataclasses import dataclass

from feewatch.casework.cases import SETTLED, STATES
from feewatch.kernel.people import CASEWORKERS, DECIDERS, OFFICE
from feewatch.kernel.text import Text

#: To whom a paper goes: the institution, a unit of the administration, a bank, or into the file.
INSTITUTION, UNIT, BANK, FILE = "institution", "unit", "bank", "file"
_RUNNING = tuple(state for state in STATES if state not in SETTLED)


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One kind of paper."""

    title: Text
    goes_to: str
    from_states: tuple[str, ...]
    series: str  # of numbers, unless the office names its own
    #: Which matters it speaks of: those that rest on law, those on presets alone, or all.
    matters: str = "all"
    roles: tuple[str, ...] = CASEWORKERS
    #: Who of the office may read it; what names whole accounts is not for lookers-on.
    readers: frozenset[str] = OFFICE


PAPERS: dict[str, PaperKind] = {
    "rectification_order": PaperKind(
        Text("责令限期整改通知书", "order to rectify"),
        INSTITUTION,
        ("triaged", "notified", "rectifying", "returned", "reopened"),
        "校外培训整改〔{year}〕{n}号",
        matters="law",
    ),
    "hint_letter": PaperKind(
        Text("监测提示函", "monitoring hint"),
        INSTITUTION,
        ("triaged", "notified", "rectifying", "returned", "reopened"),
        "校外培训提示〔{year}〕{n}号",
        matters="preset",
    ),
    "supervision_order": PaperKind(
        Text("督办单", "supervision order to a unit"),
        UNIT,
        _RUNNING,
        "校外培训督办〔{year}〕{n}号",
    ),
    "transfer_letter": PaperKind(
        Text("移送函", "letter of transfer"),
        UNIT,
        _RUNNING,
        "校外培训移送〔{year}〕{n}号",
    ),
    "closing_form": PaperKind(
        Text("销号审批表", "closing form"),
        FILE,
        ("submitted", "accepted", "closed"),
        "校外培训销号〔{year}〕{n}号",
    ),
    "recheck_record": PaperKind(
        Text("回头看记录", "record of a re-check"),
        FILE,
        ("closed", "rechecked", "reopened"),
        "校外培训回查〔{year}〕{n}号",
    ),
    "confirmation_letter": PaperKind(
        Text("银行对账函", "letter to a bank"),
        BANK,
        (),  # of statements, never of a case
        "校外培训函证〔{year}〕{n}号",
        readers=DECIDERS,
    ),
}
#: Kinds whose service is what tells the institution.
TELLING = ("rectification_order", "hint_letter")
#: 送达方式.
WAYS: dict[str, Text] = {
    "direct": Text("直接送达", "handed over"),
    "post": Text("邮寄送达", "by post"),
    "electronic": Text("电子送达", "electronically"),
    "left": Text("留置送达", "left in place"),
    "public": Text("公告送达", "by public notice"),
}
AUTHORITY_WORDS: dict[str, Text] = {
    "law": Text("法律文件", "legal document"),
    "local": Text("地方文件", "local document"),
    "preset": Text("本机关预设", "the office's own preset"),
}


def telling_kind(authorities: Collection[str]) -> str:
    """The kind of paper that tells an institution of matters of these authorities."""
    return "hint_letter" if authorities and set(authorities) == {"preset"} else TELLING[0]


def speaks_of(kind: str, authority: str) -> bool:
    """Whether a paper of this kind may found what it says on a matter of this authority."""
    wanted = PAPERS[kind].matters
    return wanted == "all" or (authority == "preset") == (wanted == "preset")


def kinds_from(state: str, authorities: Collection[str]) -> list[str]:
    """The kinds of paper that can be made in this state over matters of these authorities."""
    return [
        name
        for name, kind in PAPERS.items()
        if state in kind.from_states and any(speaks_of(name, each) for each in authorities)
    ]
