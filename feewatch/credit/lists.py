"""The lists of the field and their names in both languages."""

from collections.abc import Mapping

from feewatch.kernel.text import Text

WHITE, BLACK, CREDIT_RED, CREDIT_BLACK, NOTICE = (
    "white",
    "black",
    "credit_red",
    "credit_black",
    "notice",
)

LISTS: dict[str, Text] = {
    WHITE: Text("白名单", "white list"),
    BLACK: Text("黑名单", "black list"),
    CREDIT_RED: Text("信用红名单", "credit red list"),
    CREDIT_BLACK: Text("信用黑名单", "credit black list"),
    NOTICE: Text("监管提示", "supervision notices"),
}
#: Lists that rest on a decision; the others rest on proof.
DECIDED = (BLACK, CREDIT_BLACK, NOTICE)
#: A decision for one of these keeps an institution off every red list.
BLACKS = frozenset({BLACK, CREDIT_BLACK})
#: Lists that exist without a legal basis of their own: one says what is proven, one reminds.
ALWAYS = frozenset({WHITE, NOTICE})

UNRATED = Text("资料不全，未评定", "facts are missing: not rated")
NOT_DECIDED = Text("资料待核，暂未评定", "facts to be checked: not rated for now")
#: Why one on no list is not rated, by the ``state`` of its entry; without one facts are missing.
PENDING = "pending"


def unrated_word(entry: Mapping[str, object]) -> Text:
    """What the public is told of an institution that is not rated."""
    return NOT_DECIDED if entry.get("state") == PENDING else UNRATED
