"""Who is told of proposals: the office that they came in, the institution what became of them."""

from collections.abc import Sequence

from feewatch.casework.messages import desk_proposal, own_proposal
from feewatch.kernel.clock import today
from feewatch.kernel.text import Text
from feewatch.services.messages import tell, tell_office
from feewatch.store.database import Record, Transaction
from feewatch.store.people.messages import find_place

_ONE = Text("{name} 提请更正资料（提请 {key}）", "{name} asks to have facts corrected ({key})")
_MANY = Text(
    "{name} 提请更正资料 {count} 项（提请 {key} 起）",
    "{name} asks to have {count} facts corrected (from {key})",
)
_FATES: dict[str, Text] = {
    "accept": Text("提请 {key} 已采纳，资料已更正", "proposal {key} was accepted"),
    "refuse": Text("提请 {key} 未获采纳，理由见该提请", "proposal {key} was refused: see why"),
    "ask": Text("提请 {key} 需要补充说明或凭证", "the office asks for more about proposal {key}"),
}


def tell_of_proposals(tx: Transaction, institution_id: int, keys: Sequence[int], who: str) -> None:
    """Tell the office of proposals that came in with one file."""
    place = find_place(tx, institution_id, today())
    words = _ONE if len(keys) == 1 else _MANY
    tell_office(
        tx,
        district=place.district,
        but=who,
        kind="proposal_in",
        object=str(keys[0]),
        text=words.fill(name=place.name, key=keys[0], count=len(keys)),
        address=desk_proposal(keys[0]),
    )


def tell_of_fate(tx: Transaction, proposal: Record, step: str) -> None:
    """Tell the institution what an officer decided; of its own withdrawal it knows."""
    if step not in _FATES:
        return
    key = proposal["id"]
    tell(
        tx,
        to_institution=proposal["institution_id"],
        kind="proposal_asked" if step == "ask" else "proposal_decided",
        object=str(key),
        text=_FATES[step].fill(key=key),
        address=own_proposal(key),
    )
