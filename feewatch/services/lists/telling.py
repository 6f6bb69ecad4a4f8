"""An institution is told when its place on a list has changed by an edition."""

from collections.abc import Sequence

from feewatch.casework.messages import OWN_HOME, OWN_WHITE
from feewatch.credit.holds import Hold
from feewatch.credit.lists import LISTS
from feewatch.kernel.days import format_day
from feewatch.kernel.text import Text
from feewatch.publication.edition import ListChange
from feewatch.services.messages import tell
from feewatch.store.database import Transaction
from feewatch.store.people.messages import ToInstitution, add_to_institutions
from feewatch.store.people.users import find_institution_id

_CHANGES: dict[str, Text] = {
    "added": Text("第 {number} 期公示将您列入{list}", "edition {number} puts you on the {list}"),
    "removed": Text(
        "第 {number} 期公示将您移出{list}：{reason}",
        "edition {number} takes you off the {list}: {reason}",
    ),
    "changed": Text(
        "第 {number} 期公示更新了您在{list}中的记录",
        "edition {number} changes your entry on the {list}",
    ),
}


_HELD = Text(
    "您的白名单条件暂未得到证明：名单不变，请在 {due} 前补齐资料，届时由本机关决定",
    "the conditions of your place on the white list are not proven: you stay listed; "
    "hand in what is missing by {due}, then the office decides",
)


def tell_of_holds(tx: Transaction, begun: Sequence[Hold]) -> None:
    """Tell every institution whose white place is on hold from now on."""
    for held in begun:
        institution_id = find_institution_id(tx, held.uscc)
        if institution_id is not None:
            due = format_day(held.due)
            text = Text(_HELD.zh.format(due=due), _HELD.en.format(due=due))
            about = f"hold/{format_day(held.since)}"
            tell(
                tx, to_institution=institution_id, kind="list_changed", object=about, text=text,
                address=OWN_WHITE,
            )  # fmt: skip


def tell_of_edition(
    tx: Transaction, district: str, number: int, changes: Sequence[ListChange]
) -> None:
    """Tell every institution on the register that an edition lists, lists no more or otherwise."""
    texts: dict[tuple[str, str, Text], Text] = {}  # of thousands most are told the same
    told = []
    for change in changes:
        what = change.change, change.list, change.reason
        if what not in texts:
            texts[what] = _change_in_words(number, *what)
        about = f"{district}/{number}/{change.list}"
        told.append(ToInstitution(change.entry["uscc"], about, texts[what]))
    add_to_institutions(tx, "list_changed", OWN_HOME, told)


def _change_in_words(number: int, change: str, name: str, reason: Text) -> Text:
    words, title = _CHANGES[change], LISTS[name]
    return Text(
        words.zh.format(number=number, list=title.zh, reason=reason.zh),
        words.en.format(number=number, list=title.en, reason=reason.en),
    )
